import {
  decodeLink,
  encodeLink,
  linkTo,
  payloadOf,
  withoutPayload
} from '../link';
import type { Resources } from '../types';
import { GIB } from './fixtures';

const RESOURCES = { cores: { min: 4000 }, memory: { min: GIB, max: 2 * GIB } };

const payload = (value: unknown): string =>
  btoa(JSON.stringify(value)).replace(/=/g, '');

describe('a link', () => {
  it('brings back the resources it was given, and uses letters that need no escape', () => {
    const text = encodeLink(RESOURCES);
    expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(decodeLink(text)).toEqual(RESOURCES);
  });

  it('holds resources only, whatever else is there', () => {
    const odd = { ...RESOURCES, token: 'secret', gpu: { model: 'A100' } };
    expect(decodeLink(encodeLink(odd as Resources))).toEqual(RESOURCES);
    expect(decodeLink(payload({ resources: odd, user: 'me' }))).toEqual(
      RESOURCES
    );
  });

  it.each([
    ['%%%'],
    [payload('text')],
    [payload(null)],
    [payload({})],
    [payload({ resources: { memory: 12 } })],
    [payload({ resources: { memory: [1] } })],
    [payload({ resources: { memory: { min: -1 } } })],
    [payload({ resources: { memory: { min: '12 GiB' } } })],
    [payload({ resources: { memory: { min: 2, max: 1 } } })],
    [payload({ resources: { memory: { min: 1 }, pad: 'x'.repeat(3000) } })]
  ])('is not read when it is %s', text => {
    expect(decodeLink(text)).toBeNull();
  });

  it.each([
    ['http://h/', '/lab/tree/b.ipynb', 'http://h/lab/tree/a%20b/c.ipynb'],
    ['http://h/', '/notebooks/b.ipynb', 'http://h/notebooks/a%20b/c.ipynb'],
    [
      'https://hub/x/user/ada/',
      '/x/user/ada/lab',
      'https://hub/x/hub/user-redirect/lab/tree/a%20b/c.ipynb'
    ],
    [
      'https://hub/user/ada/big/',
      '/user/ada/big/lab',
      'https://hub/hub/user-redirect/lab/tree/a%20b/c.ipynb'
    ]
  ])('leads from %s to a page and names nobody', (base, here, address) => {
    const link = linkTo(base, here, 'a b/c.ipynb', RESOURCES);
    expect(link).toBe(`${address}?canidothis=${encodeLink(RESOURCES)}`);
  });

  it('is found in an address and taken out of it', () => {
    expect(payloadOf('?a=1&canidothis=abc')).toBe('abc');
    expect(payloadOf('?a=1')).toBeNull();
    expect(withoutPayload('?a=1&canidothis=abc')).toBe('?a=1');
    expect(withoutPayload('?canidothis=abc')).toBe('');
  });
});
