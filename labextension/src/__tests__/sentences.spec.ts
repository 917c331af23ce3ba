import {
  nullTranslator,
  type TranslationBundle
} from '@jupyterlab/translation';
import { changeInWords, inWords } from '../sentences';

const trans = nullTranslator.load('');

/** A language in which every sentence is shouted. */
const loud = {
  __: (text: string, ...values: string[]) =>
    values.reduce(
      (said, value, place) => said.replace(`%${place + 1}`, value),
      text.toUpperCase()
    )
} as unknown as TranslationBundle;

describe('sentences of the planner', () => {
  it.each([
    [
      'Memory 16 GiB is above the limit of 12 GiB',
      'MEMORY 16 GiB IS ABOVE THE LIMIT OF 12 GiB'
    ],
    [
      'GPU memory 4 GiB is below the minimum of 8 GiB',
      'GPU MEMORY 4 GiB IS BELOW THE MINIMUM OF 8 GiB'
    ],
    ['GPUs 1 asked, but there is none', 'GPUS 1 ASKED, BUT THERE IS NONE'],
    ['no answer within 10 s', 'NO ANSWER WITHIN 10 S'],
    ['Not authorised', 'NOT AUTHORISED']
  ])('%s', (message, expected) => {
    expect(inWords(message, loud)).toBe(expected);
    expect(inWords(message, trans)).toBe(message);
  });

  it('of no known form stay as they came', () => {
    const message = 'Partition gpu is down';
    expect(inWords(message, loud)).toBe(message);
  });

  it('join several changes', () => {
    const message = 'Memory 16 GiB → 12 GiB, GPU model A100 → any';
    expect(changeInWords(message, trans)).toBe(message);
    expect(changeInWords(message, loud)).toBe(
      'MEMORY 16 GiB → 12 GiB, GPU MODEL A100 → ANY'
    );
  });
});
