/** Which answers are listed, each kind with its count, and in which order. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { filtered, type IRow } from '../rows';
import { FILTERS, SORTS, type Filter, type IView, type SortBy } from '../state';
import { useTrans } from './trans';

export interface IAnswerFilterProps {
  rows: readonly IRow[];
  view: IView & { readonly showRefusals: boolean };
  onView: (chosen: Partial<IView>) => void;
}

function filterName(filter: Filter, trans: TranslationBundle): string {
  switch (filter) {
    case 'all':
      return trans.__('All');
    case 'YES':
      return trans.__('Yes');
    case 'NO':
      return trans.__('No');
    case 'CANNOT_TELL':
      return trans.__('Cannot tell');
  }
}

function sortName(sortBy: SortBy, trans: TranslationBundle): string {
  switch (sortBy) {
    case 'best':
      return trans.__('best first');
    case 'name':
      return trans.__('by name');
    case 'soonest':
      return trans.__('soonest first');
  }
}

export function AnswerFilter(props: IAnswerFilterProps): JSX.Element {
  const { rows, view, onView } = props;
  const trans = useTrans();
  const name = React.useId();
  return (
    <div className="jp-CanIDoThis-view">
      <fieldset className="jp-CanIDoThis-filters">
        <legend className="jp-CanIDoThis-spoken">
          {trans.__('Answers shown')}
        </legend>
        {FILTERS.map(filter => (
          <label key={filter}>
            <input
              type="radio"
              name={name}
              checked={view.filter === filter}
              onChange={() => onView({ filter })}
            />
            <span>
              {filterName(filter, trans)}{' '}
              {filtered(rows, filter, view.showRefusals).length}
            </span>
          </label>
        ))}
      </fieldset>
      <label className="jp-CanIDoThis-sort">
        <span className="jp-CanIDoThis-spoken">{trans.__('Order')}</span>
        <select
          value={view.sortBy}
          onChange={event => {
            const chosen = event.target.value;
            onView({
              sortBy: SORTS.find(sortBy => sortBy === chosen) ?? 'best'
            });
          }}
        >
          {SORTS.map(sortBy => (
            <option key={sortBy} value={sortBy}>
              {sortName(sortBy, trans)}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
