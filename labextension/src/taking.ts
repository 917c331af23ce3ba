/** What a line of the plan stream changes on screen, and what is said of it. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { conclusionOf, type Announcer } from './announce';
import type { Line } from './lines';
import type { PlanModel } from './model';
import { RequestFailure } from './request';
import { countsOf } from './rows';

export interface ITakers {
  model: PlanModel;
  announcer: Announcer;
  trans: TranslationBundle;
}

/**
 * Take one line of a plan.
 *
 * @throws RequestFailure when the line says that the plan ended early.
 */
export function takeLine(
  line: Line,
  { model, announcer, trans }: ITakers
): void {
  switch (line.type) {
    case 'plan':
      model.openPlan(line.plan);
      break;
    case 'answer':
      if (model.addAnswer(line.id, line.answer)) {
        const { answered, asked } = countsOf(model.state);
        announcer.step(
          trans.__('%1 of %2 platforms answered.', answered, asked)
        );
      }
      break;
    case 'summary':
      model.closePlan(line.id, line.summary);
      announcer.say(conclusionOf(model.state, trans));
      break;
    case 'error':
      throw new RequestFailure(line.error);
    case 'alive':
      break;
  }
}
