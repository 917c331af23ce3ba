/** One end of a range: a slider and a number box that share one label. */
import * as React from 'react';
import { formatAmount } from '../format';
import { marksNear, wordsOf, type IMark } from '../marks';
import {
  positionOf,
  scaleOf,
  stopsOf,
  toScreen,
  toWire,
  type End,
  type Quantity
} from '../quantities';
import { SliderMarks } from './SliderMarks';
import { useTrans } from './trans';

export interface IEndControlProps {
  quantity: Quantity;
  end: End;
  /** In wire units; null is open. */
  amount: number | null;
  /** Where the answers change along this slider. */
  marks: readonly IMark[];
  /** Id of the element that names the quantity and its unit. */
  labelId: string;
  onMove: (amount: number | null) => void;
  /** The control rests: at once after a release, else soon after the last key. */
  onRest: (isReleased: boolean) => void;
}

/**
 * React's `onChange` hears every move of a slider; the DOM's own `change` hears
 * it rest, except after a drag that ends where it began.
 */
function useRest(
  onRest: (isReleased: boolean) => void
): React.RefObject<HTMLInputElement> {
  const slider = React.useRef<HTMLInputElement>(null);
  const latest = React.useRef(onRest);
  latest.current = onRest;
  React.useEffect(() => {
    const input = slider.current;
    let isPointer = false;
    const down = (): void => void (isPointer = true);
    const key = (): void => void (isPointer = false);
    const rest = (): void => latest.current(isPointer);
    const up = (): void => latest.current(true);
    input?.addEventListener('pointerdown', down);
    input?.addEventListener('pointerup', up);
    input?.addEventListener('keydown', key);
    input?.addEventListener('change', rest);
    return () => {
      input?.removeEventListener('pointerdown', down);
      input?.removeEventListener('pointerup', up);
      input?.removeEventListener('keydown', key);
      input?.removeEventListener('change', rest);
    };
  }, []);
  return slider;
}

/** Text of a number box as a number, null when empty, undefined when wrong. */
function readNumber(text: string): number | null | undefined {
  if (text.trim() === '') {
    return null;
  }
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}

export function EndControl(props: IEndControlProps): JSX.Element {
  const { quantity, end, amount, marks, labelId, onMove, onRest } = props;
  const trans = useTrans();
  const id = React.useId();
  const slider = useRest(onRest);
  const [draft, setDraft] = React.useState<string | null>(null);
  const shown = toScreen(quantity, amount);
  const stops = stopsOf(quantity, end);
  const position = positionOf(quantity, end, shown);
  const open = end === 'min' ? trans.__('no minimum') : trans.__('no maximum');
  const place = position / (stops.length - 1);
  const value = amount === null ? open : formatAmount(quantity, amount, trans);
  const near = amount === null ? [] : marksNear(marks, quantity, end, place);
  const isWrong = draft !== null && readNumber(draft) === undefined;
  return (
    <div className="jp-CanIDoThis-end">
      <label id={`${id}-label`} htmlFor={`${id}-number`}>
        {end === 'min' ? trans.__('at least') : trans.__('up to')}
      </label>
      <input
        ref={slider}
        type="range"
        min={0}
        max={stops.length - 1}
        step={1}
        value={position}
        style={
          {
            '--jp-CanIDoThis-fill': `${place * 100}%`
          } as React.CSSProperties
        }
        className={`jp-mod-${end}`}
        aria-labelledby={`${labelId} ${id}-label`}
        aria-description={
          marks.map(mark => wordsOf(mark, trans)).join('; ') || undefined
        }
        aria-valuetext={[value, ...near.map(mark => wordsOf(mark, trans))].join(
          '; '
        )}
        onChange={event => {
          const stop = stops[Number(event.target.value)] ?? null;
          onMove(toWire(quantity, stop));
        }}
      />
      <input
        id={`${id}-number`}
        type="number"
        min={0}
        step={scaleOf(quantity).step}
        data-field={`/resources/${quantity}/${end}`}
        value={draft ?? (shown === null ? '' : String(shown))}
        placeholder={trans.__('open')}
        aria-labelledby={`${labelId} ${id}-label`}
        aria-invalid={isWrong}
        aria-describedby={isWrong ? `${id}-wrong` : undefined}
        onChange={event => {
          setDraft(event.target.value);
          const value = readNumber(event.target.value);
          if (value !== undefined && event.target.validity.badInput !== true) {
            onMove(toWire(quantity, value));
            onRest(false);
          }
        }}
        onBlur={() => setDraft(null)}
        onKeyDown={event => {
          if (event.key === 'Enter') {
            onRest(true);
          }
        }}
      />
      <SliderMarks marks={marks} />
      {isWrong ? (
        <p id={`${id}-wrong`} className="jp-CanIDoThis-wrong">
          {trans.__('A number from 0, or empty for no limit.')}
        </p>
      ) : null}
    </div>
  );
}
