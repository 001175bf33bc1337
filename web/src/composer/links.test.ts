import { describe, expect, it } from 'vitest';
import { isAddress, isPlayerCode, readLink } from './links';

describe('readLink', () => {
  it.each([
    ['https://example.org/a', 'https://example.org/a', 'example.org'],
    ['www.exemple.fr', 'https://www.exemple.fr/', 'exemple.fr'],
    [
      '<iframe width=3 src="https://example.org/e?a=1&amp;b=2" allowfullscreen></iframe>',
      'https://example.org/e?a=1&b=2',
      'example.org',
    ],
    ["<div><iframe src='//example.org/e'></iframe></div>", 'https://example.org/e', 'example.org'],
  ])('reads %s', (pasted, url, host) => {
    expect(readLink(pasted)).toEqual({ url, host });
  });

  it.each(['', 'bonjour', 'ada@example.org', 'javascript:alert(1)', '<iframe src="javascript:x">'])(
    'refuses %s',
    (pasted) => {
      expect(readLink(pasted)).toBeUndefined();
    },
  );

  it('tells the code of a player from text', () => {
    expect(isPlayerCode('<iframe src="https://example.org/">')).toBe(true);
    expect(isPlayerCode('https://example.org/')).toBe(false);
    expect(isPlayerCode('iframe src=x')).toBe(false);
  });
});

describe('isAddress', () => {
  it.each([
    ['https://example.org/a?b=c', true],
    [' www.example.org\n', true],
    ['example.org', false],
    ['voir https://example.org/', false],
    ['https://example.org/ et plus', false],
    ['', false],
  ])('%j', (text, is) => {
    expect(isAddress(text)).toBe(is);
  });
});
