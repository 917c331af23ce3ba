/** What each GPU has to be; how many is a slider of its own. */
import * as React from 'react';
import { GIB } from '../../quantities';
import type { Gpu } from '../../types';
import { useTrans } from '../trans';
import { TextField } from './TextField';

export function GpuEditor(props: {
  gpu: Gpu | null;
  onChange: (gpu: Gpu | null) => void;
}): JSX.Element {
  const { gpu, onChange } = props;
  const trans = useTrans();
  const change = (step: Partial<Gpu>): void => {
    const changed = { ...gpu, ...step };
    const isOpen = Object.values(changed).every(value => value === null);
    onChange(isOpen ? null : changed);
  };
  const memory = gpu?.memory ?? null;
  return (
    <fieldset className="jp-CanIDoThis-rows">
      <legend>{trans.__('Each GPU')}</legend>
      <TextField
        label={trans.__('Model')}
        hint={trans.__('For example a100; empty accepts any.')}
        value={gpu?.model ?? ''}
        onCommit={model => change({ model: model.trim() || null })}
      />
      <TextField
        label={trans.__('Memory of one, GiB at least')}
        value={memory === null ? '' : String(memory / GIB)}
        onCommit={text => {
          const amount = Number(text.replace(',', '.'));
          const isAmount = text.trim() !== '' && amount > 0;
          change({ memory: isAmount ? Math.round(amount * GIB) : null });
        }}
      />
    </fieldset>
  );
}
