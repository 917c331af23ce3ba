/** Everything of the task that no slider shows: software, data, image, command, GPUs, and its text. */
import * as React from 'react';
import type { Executable, Task } from '../../types';
import { Disclosure } from '../Disclosure';
import { useTrans } from '../trans';
import { DataEditor } from './DataEditor';
import { ExecutableEditor } from './ExecutableEditor';
import { GpuEditor } from './GpuEditor';
import { SoftwareEditor } from './SoftwareEditor';
import { TextEditor, type ITextActions } from './TextEditor';

export interface ITaskEditorProps {
  task: Task;
  /** The task is another one now. */
  onEdit: (task: Task) => void;
  actions: ITextActions;
}

export function TaskEditor(props: ITaskEditorProps): JSX.Element {
  const { task, onEdit, actions } = props;
  const trans = useTrans();
  const setExecutable = (step: Partial<Executable>): void =>
    onEdit({ ...task, executable: { ...task.executable, ...step } });
  return (
    <div className="jp-CanIDoThis-needs">
      <Disclosure summary={<strong>{trans.__('Edit the task')}</strong>}>
        {() => (
          <div className="jp-CanIDoThis-editor">
            <SoftwareEditor
              software={task.software ?? []}
              onChange={software => onEdit({ ...task, software })}
            />
            <DataEditor
              data={task.data ?? []}
              onChange={data => onEdit({ ...task, data })}
            />
            <ExecutableEditor
              executable={task.executable}
              onChange={setExecutable}
            />
            <GpuEditor
              gpu={task.resources?.gpu ?? null}
              onChange={gpu =>
                onEdit({ ...task, resources: { ...task.resources, gpu } })
              }
            />
            <TextEditor task={task} onEdit={onEdit} actions={actions} />
          </div>
        )}
      </Disclosure>
    </div>
  );
}
