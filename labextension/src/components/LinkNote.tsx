/** Where the resources on screen come from, when a link was followed. */
import * as React from 'react';
import type { IPlanState } from '../state';
import { useTrans } from './trans';

export interface ILinkNoteProps {
  link: IPlanState['link'];
  onReset: () => void;
  onClose: () => void;
}

export function LinkNote(props: ILinkNoteProps): JSX.Element | null {
  const { link, onReset, onClose } = props;
  const trans = useTrans();
  if (link === 'none') {
    return null;
  }
  const isTaken = link === 'taken';
  return (
    <div className="jp-CanIDoThis-applied">
      <span>
        {isTaken
          ? trans.__('These resources came with the link.')
          : `${trans.__('The resources in the link could not be read.')} ${trans.__('These are not from it.')}`}
      </span>
      <button
        type="button"
        className="jp-CanIDoThis-button"
        onClick={isTaken ? onReset : onClose}
      >
        {isTaken ? trans.__('Use what the notebook needs') : trans.__('Close')}
      </button>
    </div>
  );
}
