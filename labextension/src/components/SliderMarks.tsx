/** Ticks below a slider, where the answers of platforms change; the slider itself says so in words. */
import * as React from 'react';
import { wordsOf, type IMark } from '../marks';
import { useTrans } from './trans';

export function SliderMarks(props: {
  marks: readonly IMark[];
}): JSX.Element | null {
  const trans = useTrans();
  return props.marks.length === 0 ? null : (
    <div className="jp-CanIDoThis-marks" aria-hidden="true">
      {props.marks.map(mark => (
        <span
          key={mark.place}
          title={wordsOf(mark, trans)}
          className={`jp-CanIDoThis-tick ${mark.isLimit ? 'jp-mod-limit' : 'jp-mod-later'}`}
          style={{ '--jp-CanIDoThis-place': mark.place } as React.CSSProperties}
        />
      ))}
    </div>
  );
}
