/** One platform: its verdict first, then why, then the nearest change, then the evidence. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { formatSeconds } from '../format';
import type { IRow } from '../rows';
import type { Answer, Change, PlatformInfo, Task } from '../types';
import { Disclosure } from './Disclosure';
import { ChangeButton, ChangeStanding } from './ChangeButton';
import { EvidenceList } from './EvidenceList';
import { HandoverView, type IHandoverActions } from './HandoverView';
import { NearestView } from './NearestView';
import { OfferView } from './OfferView';
import { ReasonList } from './ReasonList';
import { RetryButton } from './RetryButton';
import { SureMark } from './SureMark';
import { useTrans } from './trans';
import { markClass, VerdictMark, type Mark } from './VerdictMark';

export interface IAnswerCardProps {
  row: IRow;
  task: Task;
  onApply: (change: Change, platform: string) => void;
  /** Given while one platform can be asked alone. */
  onRetry: ((platform: string) => void) | undefined;
  handover: IHandoverActions;
}

/** Whether there is room at this moment; said only of a platform that takes the task. */
function roomNow(answer: Answer, trans: TranslationBundle): string {
  switch (answer.now ?? 'CANNOT_TELL') {
    case 'YES':
      return trans.__('Room now');
    case 'NO':
      return trans.__('No room now');
    case 'CANNOT_TELL':
      return trans.__('Room now: cannot tell');
  }
}

/** What kind of platform it is, and what asking or using it takes. */
function kindWords(info: PlatformInfo, trans: TranslationBundle): string {
  const words = [
    info.kind,
    info.needs_login === true ? trans.__('needs a login') : '',
    info.reserves === true ? trans.__('asking reserves') : ''
  ];
  return words.filter(Boolean).join(', ');
}

/** How fresh the answer is: how long asking took, how old its facts are. */
function freshness(answer: Answer, trans: TranslationBundle): string {
  const { took = 0, age = 0 } = answer;
  const words = [trans.__('answered in %1 ms', took)];
  if (age > 0) {
    words.push(trans.__('facts %1 old', formatSeconds(age, trans)));
  }
  return words.join(', ');
}

function Offers(props: { answer: Answer; task: Task }): JSX.Element | null {
  const trans = useTrans();
  const [first, ...others] = props.answer.offers ?? [];
  if (first === undefined) {
    return null;
  }
  return (
    <>
      <OfferView
        offer={first}
        task={props.task}
        room={roomNow(props.answer, trans)}
      />
      {others.length > 0 ? (
        <details>
          <summary>
            {trans._n('%1 more way', '%1 more ways', others.length)}
          </summary>
          {others.map((offer, index) => (
            <OfferView key={index} offer={offer} task={props.task} />
          ))}
        </details>
      ) : null}
    </>
  );
}

function Changes(props: {
  answer: Answer;
  isStale: boolean;
  onApply: (change: Change) => void;
}): JSX.Element | null {
  const { changes = [] } = props.answer;
  if (changes.length === 0) {
    return null;
  }
  return (
    <ul className="jp-CanIDoThis-changes">
      {changes.map((change, index) => (
        <li key={index}>
          <ChangeButton
            change={change}
            isStale={props.isStale}
            onApply={props.onApply}
          />{' '}
          <ChangeStanding change={change} />
        </li>
      ))}
    </ul>
  );
}

function Body(props: {
  answer: Answer;
  row: IRow;
  task: Task;
  onApply: (change: Change) => void;
  handover: IHandoverActions;
}): JSX.Element {
  const { answer, row, task, onApply, handover } = props;
  const trans = useTrans();
  const { reasons = [], evidence = [] } = answer;
  return (
    <div className="jp-CanIDoThis-cardBody">
      <Offers answer={answer} task={task} />
      <ReasonList reasons={reasons} />
      {answer.verdict === 'NO' && reasons.length === 0 ? (
        <p>{trans.__('It gave no reason.')}</p>
      ) : null}
      <Changes answer={answer} isStale={row.isStale} onApply={onApply} />
      {answer.verdict === 'YES' &&
      row.platform.hands_over === true &&
      !row.isStale ? (
        <HandoverView platform={answer.platform} actions={handover} />
      ) : null}
      {answer.verdict === 'NO' &&
      row.platform.reserves !== true &&
      answer.sure !== 'estimate' &&
      !row.isStale ? (
        <NearestView
          platform={answer.platform}
          onSearch={handover.nearest}
          onApply={onApply}
        />
      ) : null}
      <Disclosure
        summary={
          <>
            {trans.__('Evidence (%1)', evidence.length)}{' '}
            <span className="jp-CanIDoThis-muted">
              {freshness(answer, trans)}
            </span>
          </>
        }
      >
        {() => <EvidenceList evidence={evidence} />}
      </Disclosure>
    </div>
  );
}

function Card(props: IAnswerCardProps): JSX.Element {
  const { row, task, onApply, onRetry, handover } = props;
  const { platform, answer, isAsking, isStale } = row;
  const trans = useTrans();
  const id = React.useId();
  const heading = React.useRef<HTMLHeadingElement>(null);
  const silent: Mark = isAsking ? 'ASKING' : 'NOT_ASKED';
  const mark: Mark = answer?.verdict ?? silent;
  // An estimate of what is on screen stands until the answer itself is there.
  const isLeft = isAsking && answer?.sure !== 'estimate';
  const state = isStale || isLeft ? 'jp-mod-stale' : '';
  return (
    <article
      aria-labelledby={id}
      aria-busy={isAsking}
      className={`jp-CanIDoThis-card ${markClass(mark)} ${state}`}
    >
      <header>
        <h3 id={id} ref={heading} tabIndex={-1}>
          <VerdictMark mark={mark} />{' '}
          <span className="jp-CanIDoThis-platform">{platform.name}</span>
        </h3>
        <span className="jp-CanIDoThis-cardKind">
          <span className="jp-CanIDoThis-muted">
            {kindWords(platform, trans)}
          </span>
          {answer === null ? null : <SureMark sure={answer.sure ?? 'asked'} />}
        </span>
      </header>
      {isAsking && answer !== null ? (
        <p className="jp-CanIDoThis-muted">{trans.__('asking again…')}</p>
      ) : null}
      {answer === null ? null : (
        <Body
          answer={answer}
          row={row}
          task={task}
          onApply={change => onApply(change, platform.name)}
          handover={handover}
        />
      )}
      {onRetry !== undefined &&
      (answer?.verdict ?? 'CANNOT_TELL') === 'CANNOT_TELL' ? (
        <RetryButton
          platform={platform.name}
          isAsking={isAsking}
          onRetry={() => {
            // The button may be gone when the answer comes.
            heading.current?.focus();
            onRetry(platform.name);
          }}
        />
      ) : null}
    </article>
  );
}

/** Whether a card would look the same; what is asked shows beside an offer only. */
function isSame(before: IAnswerCardProps, after: IAnswerCardProps): boolean {
  const [{ row }, { row: next }] = [before, after];
  return (
    row.answer === next.answer &&
    row.platform === next.platform &&
    row.isAsking === next.isAsking &&
    row.isStale === next.isStale &&
    (before.onRetry === undefined) === (after.onRetry === undefined) &&
    (before.task === after.task || (next.answer?.offers ?? []).length === 0)
  );
}

/** One platform's card; drawn again only when what it shows changed. */
export const AnswerCard = React.memo(Card, isSame);
