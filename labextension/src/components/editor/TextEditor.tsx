/** The task as text: changed by hand, judged by the server, kept beside the notebook. */
import * as React from 'react';
import { EXECUTION_FILE, withEvidence, type Form } from '../../document';
import { problemOf } from '../../failures';
import type { Problem, Task, TaskDocument } from '../../types';
import { useTrans } from '../trans';

export interface ITextActions {
  writeText: (form: Form) => Promise<string>;
  readText: (text: string, form: Form) => Promise<TaskDocument>;
  /** The file beside the notebook, null when there is none. */
  openFile: () => Promise<string | null>;
  /** False when one is there and `over` is not set. */
  saveFile: (text: string, over: boolean) => Promise<boolean>;
}

type Told =
  | { is: 'nothing' | 'taken' | 'saved' | 'there' | 'absent' }
  | { is: 'refused'; problem: Problem };

/** Where in a text the last name of a field stands; the start without it. */
export function placeOf(text: string, field: string): [number, number] {
  const name =
    field
      .split('.')
      .pop()
      ?.replace(/\[\d+\]$/, '') ?? '';
  const at = name === '' ? -1 : text.search(new RegExp(`["']?${name}["']?:`));
  if (at < 0) {
    return [0, 0];
  }
  const end = text.indexOf('\n', at);
  return [at, end < 0 ? text.length : end];
}

function Message(props: { told: Told; onOver: () => void }): JSX.Element {
  const trans = useTrans();
  const { told, onOver } = props;
  switch (told.is) {
    case 'nothing':
      return <></>;
    case 'taken':
      return <p role="status">{trans.__('This is the task now.')}</p>;
    case 'saved':
      return <p role="status">{trans.__('Saved as %1', EXECUTION_FILE)}</p>;
    case 'absent':
      return (
        <p role="status">
          {trans.__('There is no %1 beside the notebook.', EXECUTION_FILE)}
        </p>
      );
    case 'there':
      return (
        <p role="alert">
          {trans.__('%1 is there already.', EXECUTION_FILE)}{' '}
          <button
            type="button"
            className="jp-CanIDoThis-button"
            onClick={onOver}
          >
            {trans.__('Save over it')}
          </button>
        </p>
      );
    case 'refused':
      return <p role="alert">{told.problem.message}</p>;
  }
}

export function TextEditor(props: {
  task: Task;
  onEdit: (task: Task) => void;
  actions: ITextActions;
}): JSX.Element {
  const { task, onEdit, actions } = props;
  const trans = useTrans();
  const id = React.useId();
  const area = React.useRef<HTMLTextAreaElement>(null);
  const [form, setForm] = React.useState<Form>('yaml');
  const [text, setText] = React.useState('');
  const [isEdited, setEdited] = React.useState(false);
  const [told, setTold] = React.useState<Told>({ is: 'nothing' });
  const { writeText } = actions;
  React.useEffect(() => {
    if (isEdited) {
      // What somebody is typing is theirs, whatever the sliders do meanwhile.
      return undefined;
    }
    let isCurrent = true;
    writeText(form).then(
      written => isCurrent && setText(written),
      (error: unknown) =>
        isCurrent && setTold({ is: 'refused', problem: problemOf(error) })
    );
    return () => {
      isCurrent = false;
    };
  }, [task, form, isEdited, writeText]);

  const attempt = async (step: () => Promise<Told>): Promise<void> => {
    try {
      setTold(await step());
    } catch (error) {
      const problem = problemOf(error);
      setTold({ is: 'refused', problem });
      area.current?.focus();
      area.current?.setSelectionRange(...placeOf(text, problem.field ?? ''));
    }
  };
  const adopt = async (words: string, as: Form): Promise<Told> => {
    const { task: read, notes = [] } = await actions.readText(words, as);
    setEdited(false);
    onEdit({ ...withEvidence(read, task), notes });
    return { is: 'taken' };
  };
  const take = (): Promise<void> => attempt(() => adopt(text, form));
  const open = (): Promise<void> =>
    attempt(async () => {
      const found = await actions.openFile();
      if (found === null) {
        return { is: 'absent' };
      }
      setForm('yaml');
      return adopt(found, 'yaml');
    });
  const save = (over: boolean): Promise<void> =>
    attempt(async () => {
      const written = form === 'yaml' ? text : await writeText('yaml');
      await actions.readText(written, 'yaml');
      return {
        is: (await actions.saveFile(written, over)) ? 'saved' : 'there'
      };
    });
  return (
    <fieldset className="jp-CanIDoThis-rows">
      <legend>{trans.__('As text')}</legend>
      <div className="jp-CanIDoThis-choices" role="radiogroup">
        {(['yaml', 'json'] as const).map(one => (
          <label key={one}>
            <input
              type="radio"
              name={`${id}-form`}
              checked={one === form}
              disabled={isEdited}
              onChange={() => setForm(one)}
            />
            {one === 'yaml' ? EXECUTION_FILE : trans.__('JSON')}
          </label>
        ))}
      </div>
      <div className="jp-CanIDoThis-field">
        <label htmlFor={id} className="jp-CanIDoThis-spoken">
          {trans.__('Text of the task')}
        </label>
        <textarea
          id={id}
          ref={area}
          value={text}
          spellCheck={false}
          rows={12}
          onChange={event => {
            setText(event.target.value);
            setEdited(true);
          }}
        />
      </div>
      <Message told={told} onOver={() => void save(true)} />
      <div className="jp-CanIDoThis-buttons">
        <button
          type="button"
          className="jp-CanIDoThis-button"
          onClick={() => void take()}
        >
          {trans.__('Use this text')}
        </button>
        {isEdited ? (
          <button
            type="button"
            className="jp-CanIDoThis-button"
            onClick={() => {
              setEdited(false);
              setTold({ is: 'nothing' });
            }}
          >
            {trans.__('Drop my edits')}
          </button>
        ) : null}
        <button
          type="button"
          className="jp-CanIDoThis-button"
          onClick={() => void open()}
        >
          {trans.__('Open %1', EXECUTION_FILE)}
        </button>
        <button
          type="button"
          className="jp-CanIDoThis-button"
          onClick={() => void save(false)}
        >
          {trans.__('Save %1', EXECUTION_FILE)}
        </button>
      </div>
    </fieldset>
  );
}
