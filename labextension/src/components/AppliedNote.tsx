/** The change that was just made, and the way back. */
import * as React from 'react';
import type { IApplied } from '../state';
import { changeInWords } from '../sentences';
import { useTrans } from './trans';

export interface IAppliedNoteProps {
  applied: IApplied;
  onUndo: () => void;
}

export function AppliedNote(props: IAppliedNoteProps): JSX.Element {
  const trans = useTrans();
  const { change, platform } = props.applied;
  return (
    <div className="jp-CanIDoThis-applied">
      <span>
        {trans.__('%1, for %2', changeInWords(change.message, trans), platform)}
      </span>
      <button
        type="button"
        className="jp-CanIDoThis-button jp-mod-undo"
        onClick={props.onUndo}
      >
        {trans.__('Undo')}
      </button>
    </div>
  );
}
