/** Which notebook this is about, and whether what was read of it is current. */
import * as React from 'react';
import type { INotebookState } from '../state';
import { useTrans } from './trans';

export interface INotebookHeaderProps {
  notebook: INotebookState | null;
  /** Whether it is being read; null before it was read at all. */
  isReading: boolean | null;
  onDescribe: () => void;
  onSave: () => void;
  /** Lets a person choose another file; null where there is none to choose. */
  onChoose: (() => void) | null;
}

export function NotebookHeader(props: INotebookHeaderProps): JSX.Element {
  const { notebook, isReading, onDescribe, onSave, onChoose } = props;
  const trans = useTrans();
  const again =
    notebook?.isEdited === true
      ? trans.__('Changed: read again')
      : trans.__('Read again');
  return (
    <div className="jp-CanIDoThis-header">
      <h2>{trans.__('Can I run this?')}</h2>
      {notebook === null ? null : (
        <div className="jp-CanIDoThis-notebook">
          <span className="jp-CanIDoThis-notebookName" title={notebook.path}>
            {notebook.name}
          </span>
          <span className="jp-CanIDoThis-muted">
            {notebook.isDirty
              ? trans.__('with unsaved changes')
              : trans.__('saved')}
          </span>
          {notebook.isDirty ? (
            <button
              type="button"
              className="jp-CanIDoThis-button jp-mod-quiet"
              title={trans.__('A platform gets the notebook as it is saved')}
              onClick={onSave}
            >
              {trans.__('Save')}
            </button>
          ) : null}
          {isReading === null ? null : (
            <button
              type="button"
              className="jp-CanIDoThis-button jp-mod-quiet"
              aria-disabled={isReading}
              onClick={() => {
                if (!isReading) {
                  onDescribe();
                }
              }}
            >
              {isReading ? trans.__('Reading…') : again}
            </button>
          )}
        </div>
      )}
      {onChoose === null ? null : (
        <button
          type="button"
          className="jp-CanIDoThis-button jp-mod-quiet jp-mod-choose"
          title={trans.__(
            'A notebook, a batch script, a Dockerfile, a Compose file, a chart or an ivoa-execution.yaml'
          )}
          onClick={onChoose}
        >
          {trans.__('Other file…')}
        </button>
      )}
    </div>
  );
}
