/** What each platform gives of one resource at most, as its answer tells; nothing is judged here. */
import type { Quantity } from './quantities';
import type { IRow } from './rows';
import type { Answer, Verdict } from './types';

/** One bar of the chart of limits. */
export interface ILimit {
  readonly platform: string;
  readonly verdict: Verdict | null;
  /** In wire units; null when the answer does not tell. */
  readonly limit: number | null;
  /** Whether the answer names this resource among its reasons. */
  readonly isRefused: boolean;
}

function greatest(amounts: readonly unknown[]): number | null {
  const numbers = amounts.filter(amount => typeof amount === 'number');
  return numbers.length === 0 ? null : Math.max(...numbers);
}

/** By its reasons first, then where its answer would change, then what it offers. */
function limitOf(answer: Answer, quantity: Quantity): number | null {
  const field = `/resources/${quantity}/min`;
  const told = (answer.reasons ?? [])
    .filter(reason => reason.field === field)
    .map(reason => reason.limit);
  const cliffs = (answer.cliffs ?? [])
    .filter(cliff => cliff.field === field && cliff.beyond !== 'later')
    .map(cliff => cliff.at);
  const offered = (answer.offers ?? [])
    .filter(({ filled }) => filled?.[`${quantity}.max`] === 'offered')
    .map(({ resources }) => resources?.[quantity]?.max);
  return greatest(told) ?? greatest(cliffs) ?? greatest(offered);
}

/** One limit per platform that answered, in the order of the rows. */
export function limitsOf(
  rows: readonly IRow[],
  quantity: Quantity
): readonly ILimit[] {
  return rows.map(({ platform, answer }) => ({
    platform: platform.name,
    verdict: answer?.verdict ?? null,
    limit: answer === null ? null : limitOf(answer, quantity),
    isRefused: (answer?.reasons ?? []).some(
      ({ field }) =>
        answer?.verdict === 'NO' &&
        field?.startsWith(`/resources/${quantity}/`) === true
    )
  }));
}
