/** The one change that helps most, always on top; then the next best ones. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { formatEdit, formatField } from '../format';
import type { Change, Gain } from '../types';
import { ChangeButton } from './ChangeButton';
import { useTrans } from './trans';

export interface IBestChangeProps {
  /** At least one, best first. */
  gains: readonly Gain[];
  onApply: (change: Change, platform: string) => void;
}

/** Names in one line: the first few, then how many more. */
function names(all: readonly string[], trans: TranslationBundle): string {
  const shown = all.slice(0, 4).join(', ');
  return all.length > 4
    ? trans.__('%1 and %2 more', shown, all.length - 4)
    : shown;
}

/** "With memory 12 GiB you would gain Rubin, and perhaps Slurm (expected)". */
function sentence(gain: Gain, trans: TranslationBundle): string {
  const { change, platforms = [], expected = [] } = gain;
  const edits = change.edits
    .map(edit => `${formatField(edit.field, trans)} ${formatEdit(edit, trans)}`)
    .join(' + ');
  if (expected.length === 0) {
    return trans.__(
      'With %1 you would gain %2 (checked).',
      edits,
      names(platforms, trans)
    );
  }
  return platforms.length === 0
    ? trans.__(
        'With %1 you may gain %2 (expected).',
        edits,
        names(expected, trans)
      )
    : trans.__(
        'With %1 you would gain %2 (checked), perhaps also %3 (expected).',
        edits,
        names(platforms, trans),
        names(expected, trans)
      );
}

function Line(props: {
  gain: Gain;
  onApply: (change: Change, platform: string) => void;
}): JSX.Element {
  const { gain, onApply } = props;
  const trans = useTrans();
  const won = [...(gain.platforms ?? []), ...(gain.expected ?? [])];
  return (
    <div className="jp-CanIDoThis-gain">
      <p>{sentence(gain, trans)}</p>
      <ChangeButton
        change={gain.change}
        onApply={change => onApply(change, names(won, trans))}
      />
    </div>
  );
}

export function BestChange(props: IBestChangeProps): JSX.Element | null {
  const [best, ...others] = props.gains;
  const trans = useTrans();
  return best === undefined ? null : (
    <section
      aria-label={trans.__('Nearest change')}
      className="jp-CanIDoThis-best"
    >
      <Line gain={best} onApply={props.onApply} />
      {others.length === 0 ? null : (
        <details>
          <summary>{trans.__('Other changes that help')}</summary>
          {others.map((gain, index) => (
            <Line key={index} gain={gain} onApply={props.onApply} />
          ))}
        </details>
      )}
    </section>
  );
}
