/** One platform: its verdict first, then why, then the nearest change, then the evidence. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { formatSeconds } from '../format';
import type { IRow } from '../rows';
import type { Answer, Change, PlatformInfo } from '../types';
import { Disclosure } from './Disclosure';
import { ChangeButton, ChangeStanding } from './ChangeButton';
import { EvidenceList } from './EvidenceList';
import { HandoverView, type IHandoverActions } from './HandoverView';
import { NearestView } from './NearestView';
import { OfferView } from './OfferView';
import { ReasonList } from './ReasonList';
import { RetryButton } from './RetryButton';
import { StaleContext, useIsStale } from './stale';
import { SureMark } from './SureMark';
import { useTrans } from './trans';
import { markClass, VerdictMark, type Mark } from './VerdictMark';

/** A row, and what can be done with it; functions that stay the same keep a card from being drawn again. */
export interface IAnswerCardProps extends IRow {
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

function Offers(props: { answer: Answer }): JSX.Element | null {
  const trans = useTrans();
  const [first, ...others] = props.answer.offers ?? [];
  if (first === undefined) {
    return null;
  }
  return (
    <>
      <OfferView offer={first} room={roomNow(props.answer, trans)} />
      {others.length > 0 ? (
        <details>
          <summary>
            {trans._n('%1 more way', '%1 more ways', others.length)}
          </summary>
          {others.map((offer, index) => (
            <OfferView key={index} offer={offer} />
          ))}
        </details>
      ) : null}
    </>
  );
}

function Changes(props: {
  changes: readonly Change[];
  onApply: (change: Change) => void;
}): JSX.Element {
  const isStale = useIsStale();
  return (
    <ul className="jp-CanIDoThis-changes">
      {props.changes.map((change, index) => (
        <li key={index}>
          <ChangeButton
            change={change}
            isStale={isStale}
            onApply={props.onApply}
          />{' '}
          <ChangeStanding change={change} />
        </li>
      ))}
    </ul>
  );
}

interface IBodyProps {
  answer: Answer;
  platform: PlatformInfo;
  onApply: (change: Change, platform: string) => void;
  handover: IHandoverActions;
}

/** What can be asked further about an answer that is to the question on screen. */
function Further(props: IBodyProps): JSX.Element | null {
  const { answer, platform, onApply, handover } = props;
  const isStale = useIsStale();
  if (isStale) {
    return null;
  }
  if (answer.verdict === 'YES' && platform.hands_over === true) {
    return <HandoverView platform={answer.platform} actions={handover} />;
  }
  return answer.verdict === 'NO' &&
    platform.reserves !== true &&
    answer.sure !== 'estimate' ? (
    <NearestView
      platform={answer.platform}
      onSearch={handover.nearest}
      onApply={change => onApply(change, platform.name)}
    />
  ) : null;
}

/** What an answer says. Older or not is no part of it, so most of a card stands while a slider moves. */
const Body = React.memo(function Body(props: IBodyProps): JSX.Element {
  const { answer, platform, onApply } = props;
  const trans = useTrans();
  const { reasons = [], evidence = [], changes = [] } = answer;
  return (
    <div className="jp-CanIDoThis-cardBody">
      <Offers answer={answer} />
      <ReasonList reasons={reasons} />
      {answer.verdict === 'NO' && reasons.length === 0 ? (
        <p>{trans.__('It gave no reason.')}</p>
      ) : null}
      {changes.length === 0 ? null : (
        <Changes
          changes={changes}
          onApply={change => onApply(change, platform.name)}
        />
      )}
      <Further {...props} />
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
});

function Card(props: IAnswerCardProps): JSX.Element {
  const { platform, answer, isAsking, isStale } = props;
  const { onApply, onRetry, handover } = props;
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
        <StaleContext.Provider value={isStale}>
          <Body
            answer={answer}
            platform={platform}
            onApply={onApply}
            handover={handover}
          />
        </StaleContext.Provider>
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

/** One platform's card; drawn again only when its row changed. */
export const AnswerCard = React.memo(Card);
