/** One way a platform would run the task: asked beside offered, start, where to go. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { formatRangeShort, formatStart } from '../format';
import { quantityName, type Quantity } from '../quantities';
import type { Offer, Task } from '../types';
import { useTrans } from './trans';

const QUANTITIES = ['cores', 'memory', 'duration', 'gpus', 'disk'] as const;

/** The quantities that somebody asked for or offers. */
function shownQuantities(offer: Offer, task: Task): Quantity[] {
  return QUANTITIES.filter(quantity =>
    [offer.resources?.[quantity], task.resources?.[quantity]].some(
      range => (range?.min ?? range?.max ?? null) !== null
    )
  );
}

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

export function OfferView(props: {
  offer: Offer;
  task: Task;
  /** Whether there is room at this moment, in words. */
  room?: string;
}): JSX.Element {
  const { offer, task, room } = props;
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
      <table>
        <thead>
          <tr>
            <th scope="col">
              <span className="jp-CanIDoThis-spoken">
                {trans.__('Resource')}
              </span>
            </th>
            <th scope="col">{trans.__('asked')}</th>
            <th scope="col">{trans.__('offered')}</th>
          </tr>
        </thead>
        <tbody>
          {shownQuantities(offer, task).map(quantity => (
            <tr key={quantity}>
              <th scope="row">{quantityName(quantity, trans)}</th>
              <td>
                {formatRangeShort(quantity, task.resources?.[quantity], trans)}
              </td>
              <td>
                {formatRangeShort(quantity, offer.resources?.[quantity], trans)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Endpoint endpoint={info?.endpoint} trans={trans} />
    </div>
  );
}
