/** The resources of the task, each with its controls. */
import * as React from 'react';
import { MAIN_QUANTITIES, type Quantity } from '../quantities';
import type { Range, Task } from '../types';
import type { Marks } from '../marks';
import { ResourceControl } from './ResourceControl';
import { useTrans } from './trans';

export interface IResourceFormProps {
  task: Task;
  /** Where the answers change, by the field of the slider. */
  marks: Marks;
  onMove: (quantity: Quantity, range: Range) => void;
  onRest: (isReleased: boolean) => void;
  /** Given when something is not as it was found in the notebook. */
  onReset: (() => void) | undefined;
}

/** The usual four, and disk space from the moment the task asks for some. */
function useQuantities(task: Task): readonly Quantity[] {
  const hasDisk = React.useRef(false);
  const { min = null, max = null } = task.resources?.disk ?? {};
  hasDisk.current = hasDisk.current || min !== null || max !== null;
  return hasDisk.current ? [...MAIN_QUANTITIES, 'disk'] : MAIN_QUANTITIES;
}

export function ResourceForm(props: IResourceFormProps): JSX.Element {
  const trans = useTrans();
  const { task, marks, onMove, onRest, onReset } = props;
  const quantities = useQuantities(task);
  return (
    <fieldset className="jp-CanIDoThis-resources">
      <legend>{trans.__('Resources')}</legend>
      <button
        type="button"
        className="jp-CanIDoThis-button jp-mod-quiet jp-mod-reset"
        aria-disabled={onReset === undefined}
        title={trans.__('Back to what was found in the notebook')}
        onClick={onReset}
      >
        {trans.__('Reset')}
      </button>
      {quantities.map(quantity => (
        <ResourceControl
          key={quantity}
          quantity={quantity}
          range={task.resources?.[quantity]}
          marks={marks}
          onMove={onMove}
          onRest={onRest}
        />
      ))}
    </fieldset>
  );
}
