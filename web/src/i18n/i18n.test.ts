import { beforeEach, describe, expect, it, vi } from 'vitest';
import { remember } from '../device/storage';
import { fullDate, relativeDate } from './dates';
import { areas as en } from './en';
import { areas as fr } from './fr';
import { LANGS, language, preferredLang, t } from './index.svelte';

type Words = Readonly<Record<string, string>>;

const PLURAL = /_(?:zero|one|two|few|many|other)$/;

async function words(areas: typeof fr | typeof en): Promise<Record<string, Words>> {
  const all = Object.entries(areas).map(async ([area, load]) => [area, (await load()).default]);
  return Object.fromEntries(await Promise.all(all));
}

/** The keys of a language, plural families by their stem. */
function keys(areas: Record<string, Words>): string[] {
  const all = Object.entries(areas).flatMap(([area, table]) =>
    Object.keys(table).map((key) => `${area}.${key.replace(PLURAL, '_#')}`),
  );
  return [...new Set(all)].sort();
}

function blanks(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '').sort();
}

describe('the words', () => {
  it('are the same keys in every language', async () => {
    expect(keys(await words(en))).toEqual(keys(await words(fr)));
  });

  it('leave the same blanks in every language', async () => {
    const french = await words(fr);
    const english = await words(en);
    for (const [area, table] of Object.entries(french)) {
      for (const [key, text] of Object.entries(table)) {
        const other = english[area]?.[key];
        if (other !== undefined) expect(blanks(other), `${area}.${key}`).toEqual(blanks(text));
      }
    }
  });

  it.each(LANGS)('have every plural that %s needs', async (lang) => {
    const tables = await words(lang === 'fr' ? fr : en);
    // Not « many », which French has for millions: it falls back on « other ».
    for (const [area, table] of Object.entries(tables)) {
      const stems = Object.keys(table).filter((key) => PLURAL.test(key));
      for (const stem of new Set(stems.map((key) => key.replace(PLURAL, '')))) {
        expect(Object.keys(table), `${area}.${stem}`).toEqual(
          expect.arrayContaining([`${stem}_one`, `${stem}_other`]),
        );
      }
    }
  });

  it('never put a plain space where French wants one that does not break', async () => {
    for (const table of Object.values(await words(fr))) {
      for (const text of Object.values(table)) expect(text).not.toMatch(/ [:;!?»]|« /);
    }
  });
});

describe('t', () => {
  beforeEach(() => language.show('fr'));

  it('fills blanks and writes numbers as the language does', async () => {
    expect(t('wall.posts', { count: 5000 })).toBe('5\u202f000 publications');
    await language.show('en');
    expect(t('wall.posts', { count: 5000 })).toBe('5,000 posts');
  });

  it.each([
    [0, '0 publication'],
    [1, '1 publication'],
    [2, '2 publications'],
    [1_000_000, '1\u202f000\u202f000 publications'],
  ])('chooses the plural for %i', (count, expected) => {
    expect(t('wall.posts', { count })).toBe(expected);
  });

  it('sets the page’s language', async () => {
    await language.show('en');
    expect(document.documentElement.lang).toBe('en');
  });

  it('fetches the words of an area when it is needed, and keeps it across languages', async () => {
    await language.need('composer');
    await language.show('en');
    const [key] = Object.keys((await en.composer()).default);
    expect(t(`composer.${key}` as 'wall.publish')).not.toBe(`composer.${key}`);
  });
});

describe('preferredLang', () => {
  it.each([
    [['fr-CA', 'en'], 'fr'],
    [['de', 'en-GB'], 'en'],
    [['de'], 'en'],
    [[], 'en'],
  ])('of %j is %s', (asked, expected) => {
    expect(preferredLang(asked)).toBe(expected);
  });

  it('is the person’s own choice first', () => {
    remember('lang', 'en');
    expect(preferredLang(['fr'])).toBe('en');
  });
});

describe('dates', () => {
  const now = new Date(2026, 10, 20, 12, 0).getTime();

  it.each([
    [10_000, 'maintenant'],
    [-60_000, 'maintenant'],
    [5 * 60_000, 'il y a 5 min'],
    [3 * 3_600_000, 'il y a 3 h'],
    [49 * 3_600_000, '18 nov.'],
    [400 * 86_400_000, '16 oct. 2025'],
  ])('%i ms ago', (ago, expected) => {
    expect(relativeDate(now - ago, now, 'fr').replace(/\s/g, ' ')).toBe(expected);
  });

  it('are written in full for those who ask', () => {
    vi.setSystemTime(now);
    expect(fullDate(now, 'fr')).toMatch(/^vendredi 20 novembre 2026/);
    vi.useRealTimers();
  });
});
