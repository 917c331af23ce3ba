/** How many platforms would accept the task as two of its amounts vary. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { axisOf, PAIRS, placeOf, type IAxes } from '../../axes';
import { formatAmount } from '../../format';
import { quantityName, type Quantity } from '../../quantities';
import type { Map as TaskMap, MapAxis, Task } from '../../types';
import { EmptyState } from '../EmptyState';
import { useTrans } from '../trans';
import { Figure, type Cells } from './Figure';
import { useTaskMap, type DrawMap } from './useTaskMap';

const CELL = { width: 34, height: 20 };
const LEFT = 92;
const BOTTOM = 64;
const TOP = 8;

interface IDrawnProps {
  map: TaskMap;
  axes: IAxes;
  across: MapAxis;
  up: MapAxis;
  task: Task;
}

const pairName = ({ across, up }: IAxes, trans: TranslationBundle): string =>
  trans.__('%1 × %2', quantityName(up, trans), quantityName(across, trans));

function words(
  quantity: Quantity,
  axis: MapAxis,
  trans: TranslationBundle
): string[] {
  return axis.values.map(value => formatAmount(quantity, value, trans));
}

function tableOf(props: IDrawnProps, trans: TranslationBundle): Cells {
  const { map, axes, across, up } = props;
  const highs = words(axes.up, up, trans);
  return [
    [pairName(axes, trans), ...words(axes.across, across, trans)],
    ...map.yes.map((row, index) => [highs[index] ?? '', ...row]).reverse()
  ];
}

function Cell(props: {
  x: number;
  y: number;
  count: number | null;
  of: number;
}): JSX.Element {
  const { x, y, count, of } = props;
  const part = of === 0 ? 0 : (count ?? 0) / of;
  return (
    <g>
      <rect
        x={x}
        y={y}
        width={CELL.width - 1}
        height={CELL.height - 1}
        style={{
          fill: 'var(--jp-brand-color1)',
          fillOpacity: 0.05 + 0.45 * part,
          stroke: 'var(--jp-border-color2)'
        }}
      />
      <text x={x + CELL.width / 2} y={y + 14} textAnchor="middle">
        {count ?? '?'}
      </text>
    </g>
  );
}

/** A frame around the task on screen. */
function Here(props: IDrawnProps): JSX.Element | null {
  const { axes, across, up, task } = props;
  const [far, high] = [axes.across, axes.up].map(
    quantity => task.resources?.[quantity]?.min ?? null
  ) as [number | null, number | null];
  const column = far === null ? -1 : placeOf(across, far);
  const row = high === null ? -1 : placeOf(up, high);
  return column < 0 || row < 0 ? null : (
    <rect
      x={LEFT + column * CELL.width - 1}
      y={TOP + (up.values.length - 1 - row) * CELL.height - 1}
      width={CELL.width + 1}
      height={CELL.height + 1}
      style={{
        fill: 'none',
        stroke: 'var(--jp-ui-font-color0)',
        strokeWidth: 2.5
      }}
    />
  );
}

function Drawn(props: IDrawnProps): JSX.Element {
  const { map, axes, across, up } = props;
  const trans = useTrans();
  const figure = React.useRef<SVGSVGElement>(null);
  const of = map.judged?.length ?? 0;
  const width = LEFT + across.values.length * CELL.width + 8;
  const foot = TOP + up.values.length * CELL.height;
  const title = trans.__(
    '%1: how many platforms would accept',
    pairName(axes, trans)
  );
  const unknown = map.unknown ?? [];
  return (
    <Figure
      title={title}
      name={`canidothis-${axes.up}-${axes.across}`}
      figure={figure}
      table={tableOf(props, trans)}
    >
      <p>
        {trans.__(
          'Estimates of %1 platforms; the frame is the task as it is.',
          of
        )}{' '}
        {unknown.length === 0
          ? null
          : trans.__(
              'Not counted, as nothing is known yet: %1.',
              unknown.join(', ')
            )}{' '}
        {map.complete === false
          ? trans.__('Time ran out; ? was not reached.')
          : null}
      </p>
      <svg
        ref={figure}
        role="img"
        aria-label={trans.__('%1. The table below says the same.', title)}
        viewBox={`0 0 ${width} ${foot + BOTTOM}`}
        style={{
          fill: 'var(--jp-ui-font-color0)',
          fontFamily: 'var(--jp-ui-font-family)',
          fontSize: 11
        }}
      >
        <rect
          width={width}
          height={foot + BOTTOM}
          style={{ fill: 'var(--jp-layout-color1)' }}
        />
        {map.yes.map((row, index) =>
          row.map((count, column) => (
            <Cell
              key={`${index}-${column}`}
              x={LEFT + column * CELL.width}
              y={TOP + (up.values.length - 1 - index) * CELL.height}
              count={count}
              of={of}
            />
          ))
        )}
        {words(axes.up, up, trans).map((text, index) => (
          <text
            key={text}
            x={LEFT - 6}
            y={TOP + (up.values.length - 1 - index) * CELL.height + 14}
            textAnchor="end"
          >
            {text}
          </text>
        ))}
        {words(axes.across, across, trans).map((text, column) => (
          <text
            key={text}
            textAnchor="end"
            transform={`translate(${LEFT + column * CELL.width + 21} ${foot + 8}) rotate(-55)`}
          >
            {text}
          </text>
        ))}
        <Here {...props} />
      </svg>
    </Figure>
  );
}

export function TaskMapView(props: { task: Task; draw: DrawMap }): JSX.Element {
  const { task, draw } = props;
  const trans = useTrans();
  const [chosen, setChosen] = React.useState(0);
  const axes = PAIRS[chosen] ?? { across: 'memory', up: 'cores' };
  const { map, failure } = useTaskMap(task, axes, draw);
  return (
    <div className="jp-CanIDoThis-map">
      <label>
        {trans.__('Map of')}{' '}
        <select
          value={chosen}
          onChange={event => setChosen(Number(event.target.value))}
        >
          {PAIRS.map((pair, index) => (
            <option key={index} value={index}>
              {pairName(pair, trans)}
            </option>
          ))}
        </select>
      </label>
      {failure === '' ? null : (
        <EmptyState
          title={trans.__('The map could not be drawn')}
          text={failure}
        />
      )}
      {map === null ? (
        <p>{failure === '' ? trans.__('Drawing…') : null}</p>
      ) : (
        <Drawn
          map={map}
          axes={axes}
          across={axisOf(axes.across)}
          up={axisOf(axes.up)}
          task={task}
        />
      )}
    </div>
  );
}
