/** Copies the very request that is sent, to be used by hand or by another program. */
import * as React from 'react';
import { useTrans } from './trans';

export function CopyRequest(props: {
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
    <div className="jp-CanIDoThis-footer">
      <button
        type="button"
        className="jp-CanIDoThis-button"
        onClick={() => {
          void props.onCopy().then(() => setCopied(true));
        }}
      >
        {isCopied ? trans.__('Copied') : trans.__('Copy request JSON')}
      </button>
    </div>
  );
}
