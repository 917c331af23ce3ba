/** Asks one platform again that could not tell. */
import * as React from 'react';
import { useTrans } from './trans';

export interface IRetryButtonProps {
  platform: string;
  isAsking: boolean;
  onRetry: () => void;
}

export function RetryButton(props: IRetryButtonProps): JSX.Element {
  const { platform, isAsking, onRetry } = props;
  const trans = useTrans();
  return (
    <button
      type="button"
      className="jp-CanIDoThis-button jp-mod-retry"
      aria-disabled={isAsking}
      aria-label={trans.__('Retry %1', platform)}
      onClick={() => {
        if (!isAsking) {
          onRetry();
        }
      }}
    >
      {trans.__('Retry')}
    </button>
  );
}
