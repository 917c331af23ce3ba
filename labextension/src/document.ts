/** The task as a document: read from text, written as text, kept beside the notebook. */
import type { Contents } from '@jupyterlab/services';
import type { PlanModel } from './model';
import type { Task, TaskDocument, TaskText, WriteTaskRequest } from './types';

export type Form = NonNullable<TaskText['form']>;

export interface IDocumentService {
  readTask(text: TaskText): Promise<TaskDocument>;
  writeTask(request: WriteTaskRequest): Promise<TaskText>;
}

/** What the file is called that other tools know. */
export const EXECUTION_FILE = 'ivoa-execution.yaml';

/** A task read from text, with the evidence of the needs that it shares with the one before. */
export function withEvidence(read: Task, before: Task): Task {
  const known = new Map(before.software?.map(one => [one.name, one.evidence]));
  const software = read.software?.map(one => {
    const evidence = known.get(one.name);
    return evidence === undefined ? one : { ...one, evidence };
  });
  return { ...read, ...(software && { software }) };
}

export class DocumentDesk {
  constructor(
    private readonly model: PlanModel,
    private readonly service: IDocumentService,
    private readonly contents: Contents.IManager
  ) {}

  /** The task on screen as text. */
  async write(form: Form): Promise<string> {
    const { task } = this.model.state;
    if (task === null) {
      return '';
    }
    return (await this.service.writeTask({ task, form })).text;
  }

  /** The task that a text says; rejects with the field that is wrong. */
  read(text: string, form: Form): Promise<TaskDocument> {
    return this.service.readTask({ text, form });
  }

  /** The file beside the notebook; null when there is none. */
  async open(): Promise<string | null> {
    if (!(await this.isThere())) {
      return null;
    }
    const file = await this.contents.get(this.path, { format: 'text' });
    return file.content as string;
  }

  /** Save the file beside the notebook; false when one is there and `over` is not set. */
  async save(content: string, over: boolean): Promise<boolean> {
    if (!over && (await this.isThere())) {
      return false;
    }
    const { path } = this;
    await this.contents.save(path, { type: 'file', format: 'text', content });
    return true;
  }

  private get path(): string {
    const path = this.model.state.notebook?.path ?? '';
    return `${path.slice(0, path.lastIndexOf('/') + 1)}${EXECUTION_FILE}`;
  }

  private async isThere(): Promise<boolean> {
    const folder = this.path.slice(0, -EXECUTION_FILE.length);
    const beside = await this.contents.get(folder.replace(/\/$/, ''));
    const files = beside.content as Contents.IModel[];
    return files.some(({ name }) => name === EXECUTION_FILE);
  }
}
