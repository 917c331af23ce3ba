/** The one change that helps most, always on top. */
import * as React from 'react';
import type { IBestChange } from '../rows';
import type { Change } from '../types';
import { ChangeButton } from './ChangeButton';
import { useTrans } from './trans';

export interface IBestChangeProps {
  best: IBestChange;
  onApply: (change: Change, platform: string) => void;
}

export function BestChange(props: IBestChangeProps): JSX.Element {
  const { best, onApply } = props;
  const trans = useTrans();
  const names = best.platforms.join(', ');
  return (
    <section
      aria-label={trans.__('Nearest change')}
      className="jp-CanIDoThis-best"
    >
      <p>
        {best.change.checked === true
          ? trans.__('%1: then %2 accepts.', best.change.message, names)
          : trans.__('%1: then %2 may accept.', best.change.message, names)}
      </p>
      <ChangeButton
        change={best.change}
        onApply={change => onApply(change, names)}
      />
    </section>
  );
}
