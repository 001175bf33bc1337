import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SseParser } from './sse';

function parse(...chunks: string[]) {
  const parser = new SseParser();
  return chunks.flatMap((chunk) => parser.push(chunk));
}

describe('SseParser', () => {
  it.each([
    ['an event', ['event: change\nid: 7\ndata: {}\n\n'], [{ type: 'change', id: '7', data: '{}' }]],
    ['data alone', ['data: hello\n\n'], [{ type: 'message', data: 'hello' }]],
    ['data of several lines', ['data: a\ndata: b\n\n'], [{ type: 'message', data: 'a\nb' }]],
    ['a type alone', ['event: reset\n\n'], [{ type: 'reset', data: '' }]],
    ['comments', [': hb\n\n: hb\n\n'], []],
    ['a comment inside an event', ['event: a\n: x\ndata: b\n\n'], [{ type: 'a', data: 'b' }]],
    ['CRLF', ['event: a\r\ndata: b\r\n\r\n'], [{ type: 'a', data: 'b' }]],
    ['CR alone', ['event: a\rdata: b\r\r'], [{ type: 'a', data: 'b' }]],
    ['CRLF cut in two', ['event: a\r', '\ndata: b\r', '\n\r', '\n'], [{ type: 'a', data: 'b' }]],
    ['no space after the colon', ['data:a\n\n'], [{ type: 'message', data: 'a' }]],
    ['one space is the separator’s', ['data:  a\n\n'], [{ type: 'message', data: ' a' }]],
    ['a field without a value', ['data\n\n'], [{ type: 'message', data: '' }]],
    ['unknown fields', ['retry: 5\nwhat: x\ndata: a\n\n'], [{ type: 'message', data: 'a' }]],
    ['a byte order mark', ['\uFEFFdata: a\n\n'], [{ type: 'message', data: 'a' }]],
    ['an unfinished event', ['data: a\n'], []],
    ['an id with NUL', ['id: a\0b\ndata: c\n\n'], [{ type: 'message', data: 'c' }]],
    [
      'an id is its event’s alone',
      ['id: 1\ndata: a\n\ndata: b\n\n'],
      [
        { type: 'message', id: '1', data: 'a' },
        { type: 'message', data: 'b' },
      ],
    ],
  ])('%s', (_, chunks, events) => {
    expect(parse(...chunks)).toEqual(events);
  });

  it('reads the same wherever the network cuts', () => {
    const line = fc.constantFrom('data: é€', 'event: change', ': hb', 'id: 12', '', 'data');
    const end = fc.constantFrom('\n', '\r\n', '\r');
    const text = fc
      .array(fc.tuple(line, end), { maxLength: 20 })
      .map((lines) => lines.flat().join(''));
    fc.assert(
      fc.property(text, fc.array(fc.nat({ max: 200 })), (whole, cuts) => {
        const places = [0, ...cuts.filter((at) => at <= whole.length), whole.length];
        places.sort((a, b) => a - b);
        const chunks = places.slice(1).map((to, i) => whole.slice(places[i], to));
        expect(parse(...chunks)).toEqual(parse(whole));
      }),
    );
  });
});
