import { describe, expect, it, vi } from 'vitest';
import { authorHue, initials } from './author';
import { recall, recallJson, remember } from './storage';
import { ThemeChoice } from './theme.svelte';
import { VisitedWalls } from './visited.svelte';

describe('initials', () => {
  it.each([
    ['Noé Garnier', 'NG'],
    ['chloé', 'C'],
    ['Marie-Ange de La Tour', 'MT'],
    ['  Zoé   Fabre ', 'ZF'],
    ['🙂 Ali', 'A'],
    ['李 小龙', '李小'],
    ['', ''],
  ])('of %s', (name, expected) => {
    expect(initials(name)).toBe(expected);
  });
});

describe('authorHue', () => {
  it('is stable, and spreads people over the colours', () => {
    const ids = Array.from({ length: 400 }, (_, i) => `0198c7a2-0000-7000-8000-${i}`);
    const hues = ids.map(authorHue);
    expect(ids.map(authorHue)).toEqual(hues);
    for (let hue = 0; hue < 8; hue += 1) {
      expect(hues.filter((one) => one === hue).length).toBeGreaterThan(20);
    }
  });
});

describe('storage', () => {
  const isNumber = (value: unknown): value is number => typeof value === 'number';

  it('gives back what it kept', () => {
    remember('a', '1');
    expect(recall('a')).toBe('1');
    expect(recallJson('a', isNumber)).toBe(1);
  });

  it('takes what it does not recognise for absent', () => {
    remember('a', '"text"');
    expect(recallJson('a', isNumber)).toBeUndefined();
    remember('a', '{');
    expect(recallJson('a', isNumber)).toBeUndefined();
  });

  it('keeps for the page alone what is not to last', async () => {
    const fresh = await vi.importActual<typeof import('./storage')>('./storage?page');
    remember('before', 'here');
    fresh.keepNothing();
    fresh.remember('a', '1');
    expect([fresh.recall('a'), fresh.recall('before'), localStorage.length]).toEqual([
      '1',
      undefined,
      1,
    ]);
    fresh.forget('a');
    expect(fresh.recall('a')).toBeUndefined();
  });

  it('never throws where storage is refused', () => {
    vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
      throw new DOMException('refused', 'SecurityError');
    });
    expect(recall('a')).toBeUndefined();
  });
});

describe('ThemeChoice', () => {
  it('goes round system, light and dark, and is remembered', () => {
    const choice = new ThemeChoice();
    expect(choice.theme).toBe('system');
    choice.next();
    expect(document.documentElement.dataset['theme']).toBe('light');
    choice.next();
    expect(new ThemeChoice().theme).toBe('dark');
    choice.next();
    expect(document.documentElement.dataset['theme']).toBeUndefined();
    expect(new ThemeChoice().theme).toBe('system');
  });
});

describe('VisitedWalls', () => {
  it('keeps the latest first, once each, across pages', () => {
    const walls = new VisitedWalls();
    walls.saw({ board: 'a', title: 'A', role: 'writer' });
    walls.saw({ board: 'b', title: 'B', role: 'reader' });
    walls.saw({ board: 'a', title: 'A, renamed', role: 'writer' });
    expect(new VisitedWalls().walls.map(({ title }) => title)).toEqual(['A, renamed', 'B']);
  });

  it('forgets a wall and the access to it', () => {
    remember('session.a', 'renewal');
    const walls = new VisitedWalls();
    walls.saw({ board: 'a', title: 'A', role: 'writer' });
    walls.remove('a');
    expect(walls.walls).toEqual([]);
    expect(recall('session.a')).toBeUndefined();
  });

  it('starts afresh from what it can’t read', () => {
    remember('walls', '[{"board":1}]');
    expect(new VisitedWalls().walls).toEqual([]);
  });
});
