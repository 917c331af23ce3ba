/** Which notebook this is about, and whether what was read of it is current. */
import * as React from 'react';
import type { INotebookState } from '../model';
import { useTrans } from './trans';

export interface INotebookHeaderProps {
  notebook: INotebookState | null;
  isDescribed: boolean;
  onDescribe: () => void;
}

export function NotebookHeader(props: INotebookHeaderProps): JSX.Element {
  const { notebook, isDescribed, onDescribe } = props;
  const trans = useTrans();
  return (
    <header className="jp-CanIDoThis-header">
      <h2>{trans.__('Can I run this?')}</h2>
      {notebook === null ? null : (
        <div className="jp-CanIDoThis-notebook">
          <span className="jp-CanIDoThis-notebookName" title={notebook.path}>
            {notebook.name}
          </span>
          <span className="jp-CanIDoThis-muted">
            {notebook.isDirty
              ? trans.__('unsaved changes included')
              : trans.__('saved')}
          </span>
          {isDescribed ? (
            <button
              type="button"
              className="jp-CanIDoThis-button jp-mod-quiet"
              onClick={onDescribe}
            >
              {notebook.isEdited
                ? trans.__('Changed: read again')
                : trans.__('Read again')}
            </button>
          ) : null}
        </div>
      )}
    </header>
  );
}
