/** What the notebook needs, folded to one line; every need with its evidence. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { formatBytes } from '../format';
import { quantityName, type Quantity } from '../quantities';
import type { Data, Evidence, Software, Task } from '../types';
import { EvidenceList } from './EvidenceList';
import { useTrans } from './trans';

interface INeed {
  readonly name: string;
  readonly detail: string;
  readonly evidence: readonly Evidence[];
}

function softwareNeed(software: Software): INeed {
  const { name, version, status, evidence } = software;
  const isPlain = status === undefined || status === 'needed';
  return {
    name,
    detail: [version, isPlain ? '' : status].filter(Boolean).join(', '),
    evidence: evidence ?? []
  };
}

function dataNeed(data: Data, trans: TranslationBundle): INeed {
  const { location, size = null, network, evidence } = data;
  const words = [
    size === null ? trans.__('size unknown') : formatBytes(size),
    network === true ? trans.__('over the network') : ''
  ];
  return {
    name: location,
    detail: words.filter(Boolean).join(', '),
    evidence: evidence ?? []
  };
}

const AMOUNT = /^resources\.(cores|memory|duration|gpus|disk)$/;

/** What a field of the task is called; its path where it has no name. */
function fieldName(path: string, trans: TranslationBundle): string {
  const quantity = AMOUNT.exec(path)?.[1] as Quantity | undefined;
  if (quantity !== undefined) {
    return quantityName(quantity, trans);
  }
  switch (path) {
    case 'executable.kernel':
      return trans.__('Kernel');
    case 'executable.languages':
      return trans.__('Language');
    default:
      return path;
  }
}

function otherNeeds(
  evidence: Task['evidence'],
  trans: TranslationBundle
): INeed[] {
  return Object.entries(evidence ?? {}).map(([path, evidence]) => ({
    name: fieldName(path, trans),
    detail: '',
    evidence
  }));
}

/** The parts of a task that no slider moves. */
export type INeedsListProps = Pick<
  Task,
  'executable' | 'software' | 'data' | 'evidence' | 'notes'
>;

function Needs(props: {
  title: string;
  needs: readonly INeed[];
}): JSX.Element | null {
  if (props.needs.length === 0) {
    return null;
  }
  return (
    <section>
      <h3>{props.title}</h3>
      <ul>
        {props.needs.map(({ name, detail, evidence }, index) => (
          <li key={index}>
            {evidence.length > 0 ? (
              <details>
                <summary>
                  <span className="jp-CanIDoThis-needName">{name}</span>{' '}
                  <span className="jp-CanIDoThis-muted">{detail}</span>
                </summary>
                <EvidenceList evidence={evidence} />
              </details>
            ) : (
              <div className="jp-CanIDoThis-bareNeed">
                <span className="jp-CanIDoThis-needName">{name}</span>{' '}
                <span className="jp-CanIDoThis-muted">{detail}</span>
              </div>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function summaryOf(
  { software = [], data = [], executable }: INeedsListProps,
  trans: TranslationBundle
): string {
  const parts = [
    executable.kernel ?? executable.languages?.[0] ?? '',
    trans._n('%1 package', '%1 packages', software.length),
    data.length > 0
      ? trans._n('%1 data source', '%1 data sources', data.length)
      : ''
  ];
  return parts.filter(Boolean).join(', ');
}

function Listed(props: INeedsListProps): JSX.Element {
  const trans = useTrans();
  const { software = [], data = [], notes = [] } = props;
  return (
    <details className="jp-CanIDoThis-needs">
      <summary>
        <strong>{trans.__('Needs')}</strong>{' '}
        <span className="jp-CanIDoThis-muted">{summaryOf(props, trans)}</span>
      </summary>
      <Needs title={trans.__('Software')} needs={software.map(softwareNeed)} />
      <Needs
        title={trans.__('Data')}
        needs={data.map(need => dataNeed(need, trans))}
      />
      <Needs
        title={trans.__('Where other values come from')}
        needs={otherNeeds(props.evidence, trans)}
      />
      {notes.length > 0 ? (
        <section>
          <h3>{trans.__('Could not be learned')}</h3>
          <ul>
            {notes.map((note, index) => (
              <li key={index} className="jp-CanIDoThis-bareNeed">
                {note}
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </details>
  );
}

/** Drawn again only when a need changed. */
export const NeedsList = React.memo(Listed);
