/** The resources of the task, each with its controls. */
import * as React from 'react';
import { MAIN_QUANTITIES, type Quantity } from '../quantities';
import type { Range, Task } from '../types';
import { ResourceControl } from './ResourceControl';
import { useTrans } from './trans';

export interface IResourceFormProps {
  task: Task;
  onMove: (quantity: Quantity, range: Range) => void;
  onRest: (isReleased: boolean) => void;
}

/** The usual four, and disk space where the task asks for some. */
function quantitiesOf(task: Task): readonly Quantity[] {
  return task.resources?.disk === undefined
    ? MAIN_QUANTITIES
    : [...MAIN_QUANTITIES, 'disk'];
}

export function ResourceForm(props: IResourceFormProps): JSX.Element {
  const trans = useTrans();
  const { task, onMove, onRest } = props;
  return (
    <fieldset className="jp-CanIDoThis-resources">
      <legend>{trans.__('Resources')}</legend>
      {quantitiesOf(task).map(quantity => (
        <ResourceControl
          key={quantity}
          quantity={quantity}
          range={task.resources?.[quantity]}
          onMove={range => onMove(quantity, range)}
          onRest={onRest}
        />
      ))}
    </fieldset>
  );
}
