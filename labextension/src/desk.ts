/** Gets what takes up an offer and saves it beside the notebook, or searches for the nearest YES; nothing is submitted. */
import type { Contents } from '@jupyterlab/services';
import type { PlanModel } from './model';
import type { IPlanService } from './request';
import type { HandedOver, Nearest } from './types';

/** The first of name.sh, name-2.sh, ... that is not taken. */
function freeName(name: string, taken: ReadonlySet<string>): string {
  const [, stem = '', extension = ''] = /^(.*?)(\.[^.]*)?$/.exec(name) ?? [];
  let free = name;
  for (let number = 2; taken.has(free); number += 1) {
    free = `${stem}-${number}${extension}`;
  }
  return free;
}

export class HandoverDesk {
  constructor(
    private readonly model: PlanModel,
    private readonly service: IPlanService,
    private readonly contents: Contents.IManager
  ) {}

  /** What takes up the offer of a platform for the task on screen. */
  handOver(platform: string): Promise<HandedOver> {
    const { task } = this.model.state;
    return task === null
      ? Promise.reject(new Error('no task'))
      : this.service.handOver(task, platform);
  }

  /** Ask a platform for the nearest YES; its cliffs become marks of the sliders. */
  async nearest(platform: string): Promise<Nearest> {
    const { task } = this.model.state;
    if (task === null) {
      throw new Error('no task');
    }
    const nearest = await this.service.nearest(task, platform);
    this.model.takeNearest(task, nearest);
    return nearest;
  }

  /** Save it beside the notebook under a name that is free; the result is its path. */
  async save({ name, content }: HandedOver): Promise<string> {
    const path = this.model.state.notebook?.path ?? '';
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    const beside = await this.contents.get(folder.replace(/\/$/, ''));
    const files = beside.content as Contents.IModel[];
    const taken = new Set(files.map(file => file.name));
    const own = name.slice(name.lastIndexOf('/') + 1);
    const saved = `${folder}${freeName(own, taken)}`;
    await this.contents.save(saved, { type: 'file', format: 'text', content });
    return saved;
  }
}
