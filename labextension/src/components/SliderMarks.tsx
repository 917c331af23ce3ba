/** Ticks below a slider: where the answers of platforms change. */
import * as React from 'react';
import { wordsOf, type IMark } from '../marks';
import { useTrans } from './trans';

export interface ISliderMarksProps {
  /** Id of the description that the slider refers to. */
  id: string;
  marks: readonly IMark[];
}

export function SliderMarks(props: ISliderMarksProps): JSX.Element | null {
  const trans = useTrans();
  const { id, marks } = props;
  if (marks.length === 0) {
    return null;
  }
  return (
    <div className="jp-CanIDoThis-marks">
      <div aria-hidden="true">
        {marks.map(mark => (
          <span
            key={mark.place}
            title={wordsOf(mark, trans)}
            className={`jp-CanIDoThis-tick ${mark.isLimit ? 'jp-mod-limit' : 'jp-mod-later'}`}
            style={
              { '--jp-CanIDoThis-place': mark.place } as React.CSSProperties
            }
          />
        ))}
      </div>
      <span id={id} className="jp-CanIDoThis-spoken">
        {marks.map(mark => wordsOf(mark, trans)).join('; ')}
      </span>
    </div>
  );
}
