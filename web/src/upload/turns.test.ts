import { expect, it } from 'vitest';
import { Turns } from './turns';

it('lets so many go at once, the others in their order, and forgives who ends twice', () => {
  const turns = new Turns(2);
  const begun: string[] = [];
  for (const name of ['a', 'b', 'c', 'd', 'e']) turns.begin(name, () => begun.push(name));
  expect(begun).toEqual(['a', 'b']);
  turns.end('b');
  turns.end('b');
  expect(begun).toEqual(['a', 'b', 'c']);
  turns.end('d');
  turns.end('a');
  expect(begun).toEqual(['a', 'b', 'c', 'e']);
  turns.begin('c', () => begun.push('c again'));
  expect(begun.at(-1)).toBe('c again');
});
