/** Failures in words: what happened, and what to do next. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { FailureCodes, RequestFailure } from './request';
import type { Problem } from './types';

export interface IFailureWords {
  readonly title: string;
  readonly text: string;
  /** Commands a person can type to find out more. */
  readonly commands: readonly string[];
}

/** The stream ended before all was said. */
export function brokenOff(): RequestFailure {
  return new RequestFailure({
    code: FailureCodes.garbled,
    message: 'The answer is not complete.'
  });
}

/** What went wrong, whatever was thrown. */
export function problemOf(error: unknown): Problem {
  return error instanceof RequestFailure
    ? error.problem
    : {
        code: 'internal-error',
        message: error instanceof Error ? error.message : String(error)
      };
}

/** Word a failure; what the server worded itself is shown as it is. */
export function wordsFor(
  failure: Problem,
  trans: TranslationBundle
): IFailureWords {
  switch (failure.code) {
    case FailureCodes.missing:
      return {
        title: trans.__('The server part is missing'),
        text: trans.__(
          'This Jupyter server does not have the jupyter_canidothis server extension enabled. Check with these two commands where the server runs, then restart it:'
        ),
        commands: [
          'jupyter server extension list',
          'jupyter server extension enable jupyter_canidothis'
        ]
      };
    case FailureCodes.older:
      return {
        title: trans.__('The server part is older than this panel'),
        text: trans.__(
          'It answers, but does not know this question yet. Update it where the server runs, restart the server, then reload this page:'
        ),
        commands: ['pip install --upgrade jupyter_canidothis']
      };
    case FailureCodes.unreadable:
      return {
        title: trans.__('This notebook cannot be planned'),
        text: [failure.message, failure.hint].filter(Boolean).join('. '),
        commands: []
      };
    case FailureCodes.forbidden:
      return {
        title: trans.__('The server does not know you any more'),
        text: trans.__('Sign in again by reloading this page, then retry.'),
        commands: []
      };
    case FailureCodes.offline:
      return {
        title: trans.__('The Jupyter server cannot be reached'),
        text: trans.__(
          'Check that it still runs and that you are online, then retry.'
        ),
        commands: []
      };
    case FailureCodes.garbled:
      return {
        title: trans.__('The answers broke off'),
        text: trans.__(
          'The server stopped before the plan was complete. Retry; its log tells more.'
        ),
        commands: []
      };
    case FailureCodes.hidden:
      return {
        title: trans.__('Every platform is hidden'),
        text: trans.__(
          'Take one out of the hidden platforms in the settings of "Can I run this?".'
        ),
        commands: []
      };
    case FailureCodes.refused:
      return {
        title: trans.__('The server answered %1', failure.message),
        text: trans.__('Its log tells more. Retry, or ask who runs it.'),
        commands: []
      };
    default:
      return {
        title: failure.message,
        text: failure.hint ?? '',
        commands: []
      };
  }
}
