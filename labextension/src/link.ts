/** Links that carry resources: nothing else goes into one, and nothing else is read from one. */
import type { Quantity } from './quantities';
import type { Range, Resources } from './types';

/** Name of the parameter in the address. */
export const PARAMETER = 'canidothis';

/** Longest payload that is read, in characters. */
const LIMIT = 2000;

/** The front end's pages for a notebook, as they stand in an address. */
const PAGES = { notebook: 'notebooks', lab: 'lab/tree' } as const;

/** A hub's address of one person's server. */
const OWN_SERVER = /\/user\/[^/]+\/(?:[^/]+\/)?$/;

const QUANTITIES: readonly Quantity[] = [
  'cores',
  'memory',
  'duration',
  'gpus',
  'disk'
];

class BadLink extends Error {}

function readEnd(value: unknown): number | null {
  if (value === undefined || value === null) {
    return null;
  }
  if (Number.isSafeInteger(value) && Number(value) >= 0) {
    return Number(value);
  }
  throw new BadLink('an end of a range is a whole number from 0');
}

function readRange(value: unknown): Range {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadLink('a resource is a range');
  }
  const { min, max } = value as Record<string, unknown>;
  const [least, most] = [readEnd(min), readEnd(max)];
  if (least !== null && most !== null && least > most) {
    throw new BadLink('a range goes upwards');
  }
  return {
    ...(least === null ? {} : { min: least }),
    ...(most === null ? {} : { max: most })
  };
}

/** The resources that have a control, without anything else. */
function readResources(value: unknown): Resources {
  if (typeof value !== 'object' || value === null) {
    throw new BadLink('there are no resources');
  }
  const given = value as Record<string, unknown>;
  return Object.fromEntries(
    QUANTITIES.filter(quantity => Object.hasOwn(given, quantity)).map(
      quantity => [quantity, readRange(given[quantity])]
    )
  );
}

/** Resources as they stand in an address: base64url of JSON. */
export function encodeLink(resources: Resources): string {
  const text = JSON.stringify({ resources: readResources(resources) });
  return btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
}

/** The resources in a payload, or null when it is not one. */
export function decodeLink(payload: string): Resources | null {
  if (payload.length > LIMIT) {
    return null;
  }
  try {
    const text = atob(payload.replace(/-/g, '+').replace(/_/g, '/'));
    const { resources } = Object(JSON.parse(text)) as Record<string, unknown>;
    return readResources(resources);
  } catch {
    return null;
  }
}

/**
 * The address of a notebook with these resources, for anybody who can reach
 * the server; behind a hub it leads all to their own.
 */
export function linkTo(
  baseUrl: string,
  here: string,
  path: string,
  resources: Resources
): string {
  const page = here.includes('/notebooks/') ? PAGES.notebook : PAGES.lab;
  const base = baseUrl.replace(OWN_SERVER, '/hub/user-redirect/');
  const place = path.split('/').map(encodeURIComponent).join('/');
  return `${base}${page}/${place}?${PARAMETER}=${encodeLink(resources)}`;
}

/** The payload in the query of an address, or null without one. */
export function payloadOf(search: string): string | null {
  return new URLSearchParams(search).get(PARAMETER);
}

/** The query of an address without the payload. */
export function withoutPayload(search: string): string {
  const parameters = new URLSearchParams(search);
  parameters.delete(PARAMETER);
  const rest = parameters.toString();
  return rest === '' ? '' : `?${rest}`;
}
