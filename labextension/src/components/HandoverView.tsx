/** What takes up an offer: its text, to be copied or saved; sending it is left to the reader. */
import * as React from 'react';
import type { HandedOver, Nearest } from '../types';
import { CopyButton } from './CopyButton';
import { useTrans } from './trans';

export interface IHandoverActions {
  /** Ask for what takes up the offer of a platform. */
  handOver: (platform: string) => Promise<HandedOver>;
  /** Copy a text; the second one is said aloud. */
  copyText: (text: string, said: string) => Promise<void>;
  /** Save it beside the notebook; the result is its path. */
  saveScript: (made: HandedOver) => Promise<string>;
  /** Ask a platform again and again for the nearest YES. */
  nearest: (platform: string) => Promise<Nearest>;
}

export interface IHandoverViewProps {
  platform: string;
  actions: IHandoverActions;
}

type Shown =
  | { is: 'closed' | 'asking' }
  | { is: 'failed'; why: string }
  | { is: 'made'; made: HandedOver; path: string };

function Made(props: {
  made: HandedOver;
  path: string;
  actions: IHandoverActions;
  onSaved: (path: string) => void;
}): JSX.Element {
  const { made, path, actions, onSaved } = props;
  const trans = useTrans();
  const [problem, setProblem] = React.useState('');
  const save = (): void => {
    actions.saveScript(made).then(onSaved, (reason: unknown) => {
      setProblem(reason instanceof Error ? reason.message : String(reason));
    });
  };
  return (
    <>
      <p>
        {trans.__(
          'Nothing is sent from here. Save it as %1, then run:',
          made.name
        )}
      </p>
      <code>{made.command}</code>
      <div className="jp-CanIDoThis-buttons">
        <CopyButton
          label={trans.__('Copy script')}
          onCopy={() =>
            actions.copyText(made.content, trans.__('Script copied.'))
          }
        />
        <CopyButton
          label={trans.__('Copy command')}
          onCopy={() =>
            actions.copyText(made.command, trans.__('Command copied.'))
          }
        />
        <button type="button" className="jp-CanIDoThis-button" onClick={save}>
          {trans.__('Save beside the notebook')}
        </button>
      </div>
      {path === '' ? null : (
        <p role="status">{trans.__('Saved as %1', path)}</p>
      )}
      {problem === '' ? null : (
        <p role="alert">{trans.__('Not saved: %1', problem)}</p>
      )}
      <pre
        tabIndex={0}
        role="region"
        aria-label={trans.__('Script for %1', made.platform)}
      >
        {made.content}
      </pre>
    </>
  );
}

export function HandoverView(props: IHandoverViewProps): JSX.Element {
  const { platform, actions } = props;
  const trans = useTrans();
  const [shown, setShown] = React.useState<Shown>({ is: 'closed' });
  const isOpen = shown.is !== 'closed';
  const toggle = (): void => {
    if (isOpen) {
      setShown({ is: 'closed' });
      return;
    }
    setShown({ is: 'asking' });
    actions.handOver(platform).then(
      made => setShown({ is: 'made', made, path: '' }),
      (reason: unknown) =>
        setShown({
          is: 'failed',
          why: reason instanceof Error ? reason.message : String(reason)
        })
    );
  };
  return (
    <div className="jp-CanIDoThis-handover">
      <button
        type="button"
        className="jp-CanIDoThis-button"
        aria-expanded={isOpen}
        onClick={toggle}
      >
        {trans.__('Hand over…')}
        <span className="jp-CanIDoThis-spoken"> ({platform})</span>
      </button>
      {shown.is === 'asking' ? <p>{trans.__('Asking once more…')}</p> : null}
      {shown.is === 'failed' ? <p role="alert">{shown.why}</p> : null}
      {shown.is === 'made' ? (
        <Made
          made={shown.made}
          path={shown.path}
          actions={actions}
          onSaved={path => setShown({ ...shown, path })}
        />
      ) : null}
    </div>
  );
}
