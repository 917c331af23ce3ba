/** The whole panel below its shell: states in, callbacks out. */
import * as React from 'react';
import { wordsFor } from '../failures';
import { partsByHand, setByHand, type IPlanState, type IView } from '../state';
import type { Quantity } from '../quantities';
import type { Change, Range, Task } from '../types';
import { marksOf, tellingOf } from '../marks';
import { AnswerList } from './AnswerList';
import { AppliedNote } from './AppliedNote';
import { CopyButton } from './CopyButton';
import { TaskEditor } from './editor/TaskEditor';
import type { ITextActions } from './editor/TextEditor';
import type { IHandoverActions } from './HandoverView';
import { EmptyState } from './EmptyState';
import { LinkNote } from './LinkNote';
import { NeedsList } from './NeedsList';
import { NotebookHeader } from './NotebookHeader';
import { PlanControls } from './PlanControls';
import { ResourceForm } from './ResourceForm';
import { ServerNote } from './ServerNote';
import { useSame } from './same';
import { useTrans } from './trans';

/** What a person can do here. */
export interface IPlanActions extends IHandoverActions, ITextActions {
  describe: () => void;
  save: () => void;
  plan: () => void;
  stop: () => void;
  retry: (platform: string) => void;
  setView: (chosen: Partial<IView>) => void;
  move: (quantity: Quantity, range: Range) => void;
  rest: (isReleased: boolean) => void;
  apply: (change: Change, platform: string) => void;
  undo: () => void;
  reset: () => void;
  /** The task is another one now. */
  edit: (task: Task) => void;
  /** What lets a person choose a file; null where there are none to choose from. */
  choose: () => (() => void) | null;
  setLive: (live: boolean) => void;
  copyRequest: () => Promise<void>;
  copyLink: () => Promise<void>;
  closeLink: () => void;
  /** What opens the settings; null where there is no editor of them. */
  settings: () => (() => void) | null;
  /** Show the answers beside each other in a tab of their own. */
  compare: () => void;
}

export interface IPlanViewProps {
  state: IPlanState;
  actions: IPlanActions;
}

/** What stands in for a task that is not there. */
function NoTask(props: IPlanViewProps): JSX.Element | null {
  const trans = useTrans();
  const { notebook, phase, failure } = props.state;
  if (notebook === null) {
    return (
      <EmptyState
        title={trans.__('No notebook is open')}
        text={trans.__(
          'Open a notebook, or click into one: this panel follows the notebook in front.'
        )}
      />
    );
  }
  if (phase === 'describing') {
    return (
      <EmptyState
        title={trans.__('Reading the notebook…')}
        text={trans.__('What it imports, reads and uses is being found out.')}
      />
    );
  }
  return failure === null ? (
    <EmptyState
      title={trans.__('Not read yet')}
      text={trans.__(
        'The notebook is read first, then the platforms are asked.'
      )}
      action={{
        label: trans.__('Read the notebook'),
        onClick: props.actions.describe
      }}
    />
  ) : null;
}

function Failure(props: IPlanViewProps): JSX.Element | null {
  const trans = useTrans();
  const { failure, task } = props.state;
  if (failure === null) {
    return null;
  }
  const { title, text, commands } = wordsFor(failure, trans);
  const { describe, plan } = props.actions;
  return (
    <EmptyState
      title={title}
      text={text}
      commands={commands}
      action={{
        label: trans.__('Retry'),
        onClick: task === null ? describe : plan
      }}
    />
  );
}

/** Put the focus on the control of a field; tell whether there is one. */
function focusField(root: HTMLElement | null, field: string): boolean {
  const control = Array.from(
    root?.querySelectorAll<HTMLElement>('[data-field]') ?? []
  ).find(({ dataset }) => dataset.field === field);
  control?.focus();
  return control !== undefined;
}

/** After a one-click change, the keyboard goes on where the change was made. */
function useFocusOnChange(
  root: React.RefObject<HTMLElement>,
  { applied }: IPlanState
): void {
  React.useEffect(() => {
    const field = applied?.change.edits[0]?.field;
    if (field !== undefined && !focusField(root.current, field)) {
      root.current
        ?.querySelector<HTMLElement>('.jp-CanIDoThis-applied button')
        ?.focus();
    }
  }, [applied, root]);
}

export function PlanView(props: IPlanViewProps): JSX.Element {
  const trans = useTrans();
  const { state, actions } = props;
  const { task, applied, notebook, phase } = state;
  const isAsking = phase === 'planning' || state.retrying !== '';
  const root = React.useRef<HTMLDivElement>(null);
  const byHand = { ...setByHand(state), ...partsByHand(state) };
  const isSetByHand = Object.keys(byHand).length > 0;
  useFocusOnChange(root, state);
  const told = useSame(tellingOf(state.received));
  const marks = React.useMemo(() => marksOf(told, trans), [told, trans]);
  const reset = (): void => {
    focusField(root.current, '/resources/cores/min');
    actions.reset();
  };
  return (
    <div
      ref={root}
      className="jp-CanIDoThis-content"
      onKeyDown={event => {
        if (event.key === 'Escape' && isAsking) {
          actions.stop();
        }
      }}
    >
      <NotebookHeader
        notebook={notebook}
        isReading={task === null ? null : phase === 'describing'}
        onDescribe={actions.describe}
        onSave={actions.save}
        onChoose={actions.choose()}
      />
      {task === null ? (
        <>
          <NoTask {...props} />
          <Failure {...props} />
        </>
      ) : (
        <>
          <ServerNote server={state.server} />
          <LinkNote
            link={state.link}
            onReset={reset}
            onClose={actions.closeLink}
          />
          <NeedsList
            executable={task.executable}
            software={task.software}
            data={task.data}
            evidence={task.evidence}
            notes={task.notes}
          />
          <TaskEditor task={task} onEdit={actions.edit} actions={actions} />
          <ResourceForm
            task={task}
            marks={marks}
            onMove={actions.move}
            onRest={actions.rest}
            onReset={isSetByHand ? reset : undefined}
          />
          <PlanControls
            isAsking={isAsking}
            live={state.livePlanning !== 'off'}
            onLive={actions.setLive}
            onPlan={actions.plan}
            onStop={actions.stop}
          />
          {applied === null ? null : (
            <AppliedNote
              applied={applied}
              onUndo={() => {
                focusField(root.current, applied.change.edits[0]?.field ?? '');
                actions.undo();
              }}
            />
          )}
          <Failure {...props} />
          <AnswerList
            state={state}
            task={task}
            onApply={actions.apply}
            onRetry={actions.retry}
            onView={actions.setView}
            onCompare={actions.compare}
            onSettings={actions.settings()}
            handover={actions}
          />
          <div className="jp-CanIDoThis-footer">
            <CopyButton
              label={trans.__('Copy request JSON')}
              onCopy={actions.copyRequest}
            />
            <CopyButton
              label={trans.__('Copy link')}
              onCopy={actions.copyLink}
            />
          </div>
        </>
      )}
    </div>
  );
}
