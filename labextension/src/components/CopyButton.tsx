/** Copies something, and says so for a moment. */
import * as React from 'react';
import { useTrans } from './trans';

export function CopyButton(props: {
  label: string;
  onCopy: () => Promise<void>;
}): JSX.Element {
  const trans = useTrans();
  const [isCopied, setCopied] = React.useState(false);
  React.useEffect(() => {
    if (!isCopied) {
      return undefined;
    }
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <button
      type="button"
      className="jp-CanIDoThis-button"
      onClick={() => {
        props.onCopy().then(
          () => setCopied(true),
          // Why not was said aloud already.
          () => setCopied(false)
        );
      }}
    >
      {isCopied ? trans.__('Copied') : props.label}
    </button>
  );
}
