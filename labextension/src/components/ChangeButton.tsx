/** One click makes the nearest change that a platform would accept. */
import * as React from 'react';
import { formatEdit, formatField } from '../format';
import { changeInWords } from '../sentences';
import type { Change } from '../types';
import { useTrans } from './trans';

export interface IChangeButtonProps {
  change: Change;
  /** Whether it belongs to an answer that is no longer current. */
  isStale?: boolean;
  onApply: (change: Change) => void;
}

export function ChangeButton(props: IChangeButtonProps): JSX.Element {
  const { change, isStale = false, onApply } = props;
  const trans = useTrans();
  const values = change.edits.map(edit => formatEdit(edit, trans));
  const fields = change.edits.map(edit => formatField(edit.field, trans));
  return (
    <button
      type="button"
      className="jp-CanIDoThis-button jp-mod-change"
      aria-disabled={isStale}
      onClick={() => {
        if (!isStale) {
          onApply(change);
        }
      }}
    >
      {trans.__('Use %1', values.join(' + '))}
      <span className="jp-CanIDoThis-spoken">
        {' '}
        ({fields.join('; ')}: {changeInWords(change.message, trans)})
      </span>
    </button>
  );
}

/** Whether the platform itself confirmed the change, in words. */
export function ChangeStanding(props: { change: Change }): JSX.Element {
  const trans = useTrans();
  return props.change.checked === true ? (
    <span title={trans.__('The platform was asked again and said YES')}>
      {trans.__('then accepts (checked)')}
    </span>
  ) : (
    <span title={trans.__('From its published limits; it was not asked again')}>
      {trans.__('then accepts (expected)')}
    </span>
  );
}
