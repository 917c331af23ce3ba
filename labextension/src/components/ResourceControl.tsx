/** One resource: its range in words, and a control for each end. */
import * as React from 'react';
import { formatRange } from '../format';
import { quantityName, unitName, withEnd, type Quantity } from '../quantities';
import type { Range } from '../types';
import type { IMark, Marks } from '../marks';
import { EndControl } from './EndControl';
import { useTrans } from './trans';

export interface IResourceControlProps {
  quantity: Quantity;
  range: Range | undefined;
  /** Where the answers change, by the field of the slider. */
  marks: Marks;
  onMove: (quantity: Quantity, range: Range) => void;
  onRest: (isReleased: boolean) => void;
}

const NONE: readonly IMark[] = [];
const ENDS = ['min', 'max'] as const;

function Control(props: IResourceControlProps): JSX.Element {
  const { quantity, range, marks, onMove, onRest } = props;
  const trans = useTrans();
  const labelId = React.useId();
  const name = quantityName(quantity, trans);
  const unit = unitName(quantity, trans);
  return (
    <div
      role="group"
      aria-labelledby={labelId}
      className="jp-CanIDoThis-resource"
    >
      <div className="jp-CanIDoThis-resourceHead">
        <span id={labelId}>
          <strong>{name}</strong>
          {quantity === 'cores' || quantity === 'gpus' ? null : `, ${unit}`}
        </span>
        <span className="jp-CanIDoThis-range">
          {formatRange(quantity, range, trans)}
        </span>
      </div>
      {ENDS.map(end => (
        <EndControl
          key={end}
          quantity={quantity}
          end={end}
          amount={range?.[end] ?? null}
          marks={marks.get(`/resources/${quantity}/${end}`) ?? NONE}
          labelId={labelId}
          onMove={amount => onMove(quantity, withEnd(range, end, amount))}
          onRest={onRest}
        />
      ))}
    </div>
  );
}

/** Drawn again only when its own range or the marks changed. */
export const ResourceControl = React.memo(Control);
