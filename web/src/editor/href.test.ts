import { describe, expect, it } from 'vitest';
import { cleanHref, typedHref } from './href';

describe('cleanHref', () => {
  it.each([
    ['https://example.org', 'https://example.org/'],
    ['  HTTP://Example.org/a?b=c#d ', 'http://example.org/a?b=c#d'],
    ['mailto:ada@example.org?subject=x', 'mailto:ada@example.org'],
  ])('%s becomes %s', (raw, clean) => {
    expect(cleanHref(raw)).toBe(clean);
  });

  it.each([
    'javascript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,x',
    'https:example.org',
    'https://user@example.org/',
    'https://example.org\\@evil.example/',
    '//example.org',
    '/page',
    'mailto:',
    `https://example.org/${'a'.repeat(2000)}`,
  ])('refuses %s', (raw) => {
    expect(cleanHref(raw)).toBeUndefined();
  });
});

describe('typedHref', () => {
  it.each([
    ['exemple.fr', 'https://exemple.fr/'],
    ['www.exemple.fr/page?a=b', 'https://www.exemple.fr/page?a=b'],
    ['exemple.fr:8080/a', 'https://exemple.fr:8080/a'],
    ['ada@example.org', 'mailto:ada@example.org'],
    ['http://localhost:3000/', 'http://localhost:3000/'],
  ])('reads %s as %s', (typed, href) => {
    expect(typedHref(typed)).toBe(href);
  });

  it.each(['', 'bonjour', 'deux mots.fr', 'javascript:alert(1)', 'ftp://exemple.fr'])(
    'does not take "%s" for an address',
    (typed) => {
      expect(typedHref(typed)).toBeUndefined();
    },
  );
});
