/** What each platform gives of one resource, beside what is asked. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { formatAmount } from '../../format';
import { limitsOf, type ILimit } from '../../limits';
import { quantityName, toScreen, type Quantity } from '../../quantities';
import type { IRow } from '../../rows';
import { useTrans } from '../trans';
import { Figure, type Cells } from './Figure';

const WIDTH = 640;
const LEFT = 190;
const RIGHT = 170;
const ROW = 22;
const TOP = 26;

export interface ILimitChartProps {
  quantity: Quantity;
  rows: readonly IRow[];
  /** What is asked at least, in wire units; null when nothing is. */
  asked: number | null;
}

function standing(
  { limit, isRefused, verdict }: ILimit,
  trans: TranslationBundle
): string {
  if (isRefused) {
    return trans.__('in the way');
  }
  if (verdict === null) {
    return trans.__('no answer yet');
  }
  return limit === null
    ? trans.__('not published')
    : trans.__('not in the way');
}

function short(name: string): string {
  return name.length > 26 ? `${name.slice(0, 25)}…` : name;
}

function colourOf({ isRefused, limit }: ILimit): string {
  if (limit === null) {
    return 'url(#jp-CanIDoThis-hatch)';
  }
  return isRefused ? 'var(--jp-error-color1)' : 'var(--jp-brand-color1)';
}

function Bar(props: {
  limit: ILimit;
  quantity: Quantity;
  top: number;
  scale: number;
}): JSX.Element {
  const { limit, quantity, top, scale } = props;
  const trans = useTrans();
  const full = WIDTH - LEFT - RIGHT;
  const width = limit.limit === null ? full : limit.limit * scale;
  const amount =
    limit.limit === null ? '' : formatAmount(quantity, limit.limit, trans);
  const words = [amount, standing(limit, trans)].filter(Boolean).join(', ');
  return (
    <g>
      <text x={LEFT - 8} y={top + 15} textAnchor="end">
        {short(limit.platform)}
        <title>{limit.platform}</title>
      </text>
      <rect
        x={LEFT}
        y={top + 4}
        width={Math.max(width, 2)}
        height={ROW - 8}
        style={{ fill: colourOf(limit) }}
      />
      <text x={LEFT + Math.min(Math.max(width, 2), full) + 6} y={top + 15}>
        {words}
      </text>
    </g>
  );
}

function Hatch(): JSX.Element {
  return (
    <pattern
      id="jp-CanIDoThis-hatch"
      width={6}
      height={6}
      patternUnits="userSpaceOnUse"
      patternTransform="rotate(45)"
    >
      <rect width={2} height={6} style={{ fill: 'var(--jp-border-color1)' }} />
    </pattern>
  );
}

function tableOf(
  limits: readonly ILimit[],
  { quantity, asked }: ILimitChartProps,
  trans: TranslationBundle
): Cells {
  const words = (amount: number | null): string =>
    amount === null ? '' : formatAmount(quantity, amount, trans);
  return [
    [
      trans.__('Platform'),
      trans.__('asked'),
      trans.__('limit'),
      trans.__('standing')
    ],
    ...limits.map(limit => [
      limit.platform,
      words(asked),
      words(limit.limit),
      standing(limit, trans)
    ])
  ];
}

export function LimitChart(props: ILimitChartProps): JSX.Element {
  const { quantity, rows, asked } = props;
  const trans = useTrans();
  const figure = React.useRef<SVGSVGElement>(null);
  const limits = limitsOf(rows, quantity);
  const most = Math.max(asked ?? 0, ...limits.map(({ limit }) => limit ?? 0));
  const scale = most === 0 ? 0 : (WIDTH - LEFT - RIGHT) / most;
  const name = quantityName(quantity, trans);
  const height = TOP + limits.length * ROW + 8;
  const title = trans.__('%1: limits of the platforms', name);
  const words =
    asked === null
      ? ''
      : trans.__('asked %1', formatAmount(quantity, asked, trans));
  const line = LEFT + (asked ?? 0) * scale;
  return (
    <Figure
      title={title}
      name={`canidothis-${quantity}`}
      figure={figure}
      table={tableOf(limits, props, trans)}
    >
      <svg
        ref={figure}
        role="img"
        aria-label={trans.__(
          '%1; %2. The table below says the same.',
          title,
          words
        )}
        viewBox={`0 0 ${WIDTH} ${height}`}
        style={{
          fill: 'var(--jp-ui-font-color1)',
          fontFamily: 'var(--jp-ui-font-family)',
          fontSize: 12
        }}
      >
        <defs>
          <Hatch />
        </defs>
        <rect
          width={WIDTH}
          height={height}
          style={{ fill: 'var(--jp-layout-color1)' }}
        />
        {limits.map((limit, index) => (
          <Bar
            key={limit.platform}
            limit={limit}
            quantity={quantity}
            top={TOP + index * ROW}
            scale={scale}
          />
        ))}
        {asked === null ? null : (
          <g>
            <line
              x1={line}
              x2={line}
              y1={TOP - 4}
              y2={height - 4}
              strokeDasharray="4 3"
              style={{ stroke: 'var(--jp-ui-font-color0)', strokeWidth: 1.5 }}
            />
            <text
              x={line}
              y={TOP - 9}
              textAnchor={toScreen(quantity, asked) === 0 ? 'start' : 'middle'}
            >
              {words}
            </text>
          </g>
        )}
      </svg>
    </Figure>
  );
}
