/** The planner's sentences in the language of the front end: those whose form is known, all others as they came. */
import type { TranslationBundle } from '@jupyterlab/translation';

type Words = readonly string[];

interface ITemplate {
  /** What the planner says; its groups are the values. */
  readonly said: RegExp;
  readonly words: (values: Words, trans: TranslationBundle) => string;
}

/** What a sentence begins with; a language may write it in its own way. */
const LABELS =
  'Cores|Memory|Duration|Start-up|GPUs|GPU memory|GPU vendor|GPU model|Disk|Nodes|Kernel|Image|Language|Task type';

function labelName(label: string, trans: TranslationBundle): string {
  switch (label) {
    case 'Cores':
      return trans.__('Cores');
    case 'Memory':
      return trans.__('Memory');
    case 'Duration':
      return trans.__('Duration');
    case 'Start-up':
      return trans.__('Start-up');
    case 'GPUs':
      return trans.__('GPUs');
    case 'GPU memory':
      return trans.__('GPU memory');
    case 'GPU vendor':
      return trans.__('GPU vendor');
    case 'GPU model':
      return trans.__('GPU model');
    case 'Disk':
      return trans.__('Disk');
    case 'Nodes':
      return trans.__('Nodes');
    case 'Kernel':
      return trans.__('Kernel');
    case 'Image':
      return trans.__('Image');
    case 'Language':
      return trans.__('Language');
    case 'Task type':
      return trans.__('Task type');
    default:
      return label;
  }
}

function template(
  form: string,
  words: (values: Words, trans: TranslationBundle) => string
): ITemplate {
  return { said: new RegExp(`^${form}$`), words };
}

/** A template whose first value is one of the labels. */
function labelled(
  form: string,
  words: (label: string, values: Words, trans: TranslationBundle) => string
): ITemplate {
  return template(`(${LABELS}) ${form}`, ([label = '', ...values], trans) =>
    words(labelName(label, trans), values, trans)
  );
}

const TEMPLATES: readonly ITemplate[] = [
  labelled('(.+) is above the limit of (.+)', (label, values, trans) =>
    trans.__('%1 %2 is above the limit of %3', label, ...values)
  ),
  labelled('(.+) is below the minimum of (.+)', (label, values, trans) =>
    trans.__('%1 %2 is below the minimum of %3', label, ...values)
  ),
  labelled('(.+) is above what is free now: (.+)', (label, values, trans) =>
    trans.__('%1 %2 is above what is free now: %3', label, ...values)
  ),
  labelled('(.+) asked, but there is none', (label, values, trans) =>
    trans.__('%1 %2 asked, but there is none', label, ...values)
  ),
  labelled('(.+) is not offered; offered: (.+)', (label, values, trans) =>
    trans.__('%1 %2 is not offered; offered: %3', label, ...values)
  ),
  labelled('(.+) is not offered; none is', (label, values, trans) =>
    trans.__('%1 %2 is not offered; none is', label, ...values)
  ),
  labelled('([^,→]+) → any', (label, values, trans) =>
    trans.__('%1 %2 → any', label, ...values)
  ),
  labelled('([^,→]+) → ([^,→]+)', (label, values, trans) =>
    trans.__('%1 %2 → %3', label, ...values)
  ),
  template('Not authorised', (_, trans) => trans.__('Not authorised')),
  template('Closed now; open (.+); opens (.+)', (values, trans) =>
    trans.__('Closed now; open %1; opens %2', ...values)
  ),
  template('no answer within (.+) s', (values, trans) =>
    trans.__('no answer within %1 s', ...values)
  ),
  template('(.+) did not answer within (.+) s', (values, trans) =>
    trans.__('%1 did not answer within %2 s', ...values)
  ),
  template('(.+) could not be asked within (.+) s', (values, trans) =>
    trans.__('%1 could not be asked within %2 s', ...values)
  ),
  template('(.+) cannot be reached: (.+)', (values, trans) =>
    trans.__('%1 cannot be reached: %2', ...values)
  )
];

/** Say a sentence of the planner in the language of the front end, where its form is known. */
export function inWords(message: string, trans: TranslationBundle): string {
  for (const { said, words } of TEMPLATES) {
    const found = said.exec(message);
    if (found !== null) {
      return words(found.slice(1), trans);
    }
  }
  return message;
}

/** Several changes in one sentence, each in the language of the front end. */
export function changeInWords(
  message: string,
  trans: TranslationBundle
): string {
  return message
    .split(', ')
    .map(part => inWords(part, trans))
    .join(', ');
}
