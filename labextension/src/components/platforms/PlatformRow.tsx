/** One platform: what it can ever know, and how it is when somebody looks. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { formatTime } from '../../format';
import type { Look, PlatformInfo, Problem } from '../../types';
import { Disclosure } from '../Disclosure';
import { EvidenceList } from '../EvidenceList';
import { ReasonList } from '../ReasonList';
import { useTrans } from '../trans';

type Known = NonNullable<PlatformInfo['knows']>[number];

function knowsName(known: Known, trans: TranslationBundle): string {
  switch (known) {
    case 'ever':
      return trans.__('whether it would ever run');
    case 'now':
      return trans.__('whether there is room now');
    case 'when':
      return trans.__('when it could start');
    case 'software':
      return trans.__('which software is there');
    case 'image':
      return trans.__('which images are there');
    case 'submit':
      return trans.__('how it is submitted');
  }
}

function sourceName(
  source: PlatformInfo['source'],
  trans: TranslationBundle
): string {
  switch (source) {
    case 'configured':
      return trans.__('configured by who runs this server');
    case 'added':
      return trans.__('added by you');
    case 'discovered':
      return trans.__('found on this machine');
  }
}

/** How a platform is, in words; the state is text, never colour alone. */
function LookView(props: { look: Look | Problem | null }): JSX.Element {
  const trans = useTrans();
  const { look } = props;
  if (look === null) {
    return <p role="status">{trans.__('Looking…')}</p>;
  }
  if ('code' in look) {
    return <p role="alert">{look.message}</p>;
  }
  const { problem, complete, at = 0, took = 0, evidence = [] } = look;
  return (
    <div role="status">
      {problem ? (
        <>
          <strong>{trans.__('It could not be read')}</strong>
          <ReasonList reasons={[problem]} />
        </>
      ) : (
        <strong>
          {complete === false
            ? trans.__('Well, but not all of it could be read')
            : trans.__('Well')}
        </strong>
      )}
      <p className="jp-CanIDoThis-muted">
        {at > 0 ? trans.__('Read at %1, in %2 ms', formatTime(at), took) : ''}
      </p>
      {evidence.length > 0 ? (
        <Disclosure summary={trans.__('What was read')}>
          {() => <EvidenceList evidence={evidence} />}
        </Disclosure>
      ) : null}
    </div>
  );
}

export interface IPlatformRowProps {
  info: PlatformInfo;
  /** Absent before anybody looked, null while somebody does. */
  look: Look | Problem | null | undefined;
  onLook: () => void;
  onRemove: () => void;
}

export function PlatformRow(props: IPlatformRowProps): JSX.Element {
  const trans = useTrans();
  const { info, look, onLook, onRemove } = props;
  const { name, kind, source, knows = [], needs_login, reserves, error } = info;
  return (
    <li>
      <article aria-label={name}>
        <h3>{name}</h3>
        <p className="jp-CanIDoThis-muted">
          {[kind, sourceName(source, trans)].filter(Boolean).join(', ')}
        </p>
        {error ? (
          <p>
            <strong>{trans.__('Cannot be used')}</strong>: {error}
          </p>
        ) : (
          <p>
            {trans.__(
              'It can tell %1.',
              knows.map(known => knowsName(known, trans)).join(', ')
            )}
          </p>
        )}
        {needs_login ? <p>{trans.__('It has to know who you are.')}</p> : null}
        {reserves ? (
          <p>{trans.__('Asking it may reserve something.')}</p>
        ) : null}
        {look === undefined ? null : <LookView look={look} />}
        <div className="jp-CanIDoThis-buttons">
          <button
            type="button"
            className="jp-CanIDoThis-button"
            aria-disabled={look === null}
            onClick={look === null ? undefined : onLook}
          >
            {look === undefined ? trans.__('Look') : trans.__('Look again')}
            <span className="jp-CanIDoThis-spoken"> ({name})</span>
          </button>
          {source === 'added' ? (
            <button
              type="button"
              className="jp-CanIDoThis-button"
              onClick={onRemove}
            >
              {trans.__('Remove')}
              <span className="jp-CanIDoThis-spoken"> ({name})</span>
            </button>
          ) : null}
        </div>
      </article>
    </li>
  );
}
