/** One way a platform would run the task: asked beside offered, start, where to go. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { formatRangeShort, formatStart } from '../format';
import { quantityName } from '../quantities';
import type { Offer } from '../types';
import { isBounded, QUANTITIES, useAsked } from './asked';
import { useTrans } from './trans';

/** Only web addresses become links; anything else is text. */
function webAddress(endpoint: unknown): URL | null {
  if (typeof endpoint !== 'string') {
    return null;
  }
  try {
    const url = new URL(endpoint);
    return ['http:', 'https:'].includes(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

function Endpoint(props: {
  endpoint: unknown;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { endpoint, trans } = props;
  const url = webAddress(endpoint);
  if (url !== null) {
    return (
      <a href={url.href} target="_blank" rel="noopener noreferrer">
        {trans.__('Open %1', url.host)}
      </a>
    );
  }
  return typeof endpoint === 'string' && endpoint !== '' ? (
    <code>{endpoint}</code>
  ) : null;
}

/** The resources that somebody asked for or offers; the one part that follows the sliders. */
function OfferTable(props: { offer: Offer }): JSX.Element {
  const { resources } = props.offer;
  const trans = useTrans();
  const { words, bounded } = useAsked();
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">
            <span className="jp-CanIDoThis-spoken">{trans.__('Resource')}</span>
          </th>
          <th scope="col">{trans.__('asked')}</th>
          <th scope="col">{trans.__('offered')}</th>
        </tr>
      </thead>
      <tbody>
        {QUANTITIES.filter(
          quantity => bounded.has(quantity) || isBounded(resources?.[quantity])
        ).map(quantity => (
          <tr key={quantity}>
            <th scope="row">{quantityName(quantity, trans)}</th>
            <td>{words[quantity]}</td>
            <td>{formatRangeShort(quantity, resources?.[quantity], trans)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function OfferView(props: {
  offer: Offer;
  /** Whether there is room at this moment, in words. */
  room?: string;
}): JSX.Element {
  const { offer, room } = props;
  const trans = useTrans();
  const { name = '', start, service_info: info } = offer;
  return (
    <div className="jp-CanIDoThis-offer">
      <p>
        {name === '' ? null : (
          <strong className="jp-CanIDoThis-offerName">{name}</strong>
        )}
        {[room, start ? formatStart(start, trans) : '']
          .filter(Boolean)
          .join('. ')}
        {start?.basis ? (
          <span className="jp-CanIDoThis-muted"> ({start.basis})</span>
        ) : null}
      </p>
      <OfferTable offer={offer} />
      <Endpoint endpoint={info?.endpoint} trans={trans} />
    </div>
  );
}
