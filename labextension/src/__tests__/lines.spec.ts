import { parseLine, readLines, StreamError } from '../lines';
import { bodyOf, bytes, plan, yes } from './fixtures';

async function linesOf(...chunks: Uint8Array[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of readLines(bodyOf(chunks))) {
    lines.push(line);
  }
  return lines;
}

describe('readLines', () => {
  it('joins lines that are split anywhere, inside a character too', async () => {
    const text = '{"a":"16 GiB → 12 GiB"}\n{"b":1}\n';
    const whole = bytes(text);
    for (let cut = 1; cut < whole.length; cut += 1) {
      const lines = await linesOf(whole.slice(0, cut), whole.slice(cut));
      expect(lines).toEqual(['{"a":"16 GiB → 12 GiB"}', '{"b":1}']);
    }
  });

  it('keeps a last line without a line end and skips empty lines', async () => {
    expect(await linesOf(bytes('{}\n\n \n[1]'))).toEqual(['{}', '[1]']);
  });

  it('yields nothing for an empty body', async () => {
    expect(await linesOf()).toEqual([]);
  });

  it('refuses a line without end', async () => {
    const chunk = bytes('x'.repeat(1_500_000));
    await expect(linesOf(chunk, chunk, chunk)).rejects.toThrow(StreamError);
  });

  it('cancels the body when its reader leaves early', async () => {
    const cancel = jest.fn();
    const body = bodyOf([bytes('1\n'), bytes('2\n')], cancel);
    for await (const line of readLines(body)) {
      expect(line).toBe('1');
      break;
    }
    expect(cancel).toHaveBeenCalled();
  });
});

describe('parseLine', () => {
  it.each([
    { type: 'plan', plan: plan('p1', 'Rubin') },
    { type: 'answer', id: 'p1', answer: yes('Rubin') },
    { type: 'summary', id: 'p1', summary: { yes: 1 } },
    { type: 'alive' }
  ])('reads a line of type $type', line => {
    expect(parseLine(JSON.stringify(line))).toEqual(line);
  });

  it('reads an error with what it has', () => {
    const line = parseLine(
      '{"type":"error","error":{"code":"timed-out","message":"Too late"}}'
    );
    expect(line).toMatchObject({
      type: 'error',
      error: { code: 'timed-out', message: 'Too late', hint: '' }
    });
  });

  it('skips a kind that a newer server may speak', () => {
    expect(parseLine('{"type":"weather"}')).toBeNull();
  });

  it.each([
    'not json',
    '[]',
    '"plan"',
    '{"type":"plan","plan":{}}',
    '{"type":"answer","id":"p1","answer":{"platform":"x","verdict":"MAYBE"}}',
    '{"type":"answer","answer":{"platform":"x","verdict":"YES"}}',
    '{"type":"summary","id":"p1"}',
    '{"type":"error","error":{}}'
  ])('refuses %s', text => {
    expect(() => parseLine(text)).toThrow(StreamError);
  });
});
