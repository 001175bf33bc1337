import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffWords } from './diff';

const marks = { same: '', added: '+', removed: '-' } as const;
const shown = (a: string, b: string) =>
  diffWords(a, b)
    .map(({ kind, text }) => `${marks[kind]}[${text}]`)
    .join('');

describe('what has become of a text', () => {
  it.each([
    ['', '', ''],
    ['the same', 'the same', '[the same]'],
    ['', 'new', '+[new]'],
    ['old', '', '-[old]'],
    ['a red car', 'a blue car', '[a ]-[red ]+[blue ][car]'],
    ['one two three', 'one three four', '[one ]-[two three]+[three four]'],
  ])('is told by words: %j to %j', (before, after, pieces) => {
    expect(shown(before, after)).toBe(pieces);
  });

  it('holds both texts, whole and in order', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', ' ', '\n', 'é'), { maxLength: 30 });
    fc.assert(
      fc.property(text, text, (x, y) => {
        const [before, after] = [x.join(''), y.join('')];
        const pieces = diffWords(before, after);
        const of = (kind: string) =>
          pieces
            .filter((one) => one.kind !== kind)
            .map((one) => one.text)
            .join('');
        expect(of('added')).toBe(before);
        expect(of('removed')).toBe(after);
      }),
    );
  });

  it('tells very long texts apart whole', () => {
    const long = (word: string) => `${word} `.repeat(3_000);
    expect(diffWords(long('a'), long('b')).map(({ kind }) => kind)).toEqual(['removed', 'added']);
  });
});
