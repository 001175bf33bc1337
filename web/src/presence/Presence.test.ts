import { render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Person } from '../api/types';
import { language } from '../i18n/index.svelte';
import Presence from './Presence.svelte';
import { listOf, shownOf, writingWords } from './people';

const ME = 'id-5';
const ada: Person = { id: 'id-1', name: 'Ada' };
const zoe: Person = { id: 'id-2', name: 'Zoé' };
const eric: Person = { id: 'id-3', name: 'Éric' };
const me: Person = { id: ME, name: 'Noé' };

const among = (...people: Person[]) => ({ count: people.length, people });
const writes = (person: Person): Person => ({ ...person, writing: true });

beforeEach(async () => {
  await language.need('presence');
  await language.show('fr');
});

describe('who is here', () => {
  it('lists oneself first, then by name, wherever those who write stand', () => {
    const names = listOf(among(writes(zoe), ada, eric, me), ME, 'fr').map(({ name }) => name);
    expect(names).toEqual(['Noé', 'Ada', 'Éric', 'Zoé']);
  });

  it('shows the same initials whoever writes', () => {
    const quiet = shownOf(among(ada, zoe, eric, me), ME, 2).map(({ id }) => id);
    const busy = shownOf(among(writes(eric), writes(me), zoe, ada), ME, 2).map(({ id }) => id);
    expect(quiet).toEqual([ada.id, zoe.id]);
    expect(busy).toEqual(quiet);
  });
});

describe('who is writing', () => {
  it.each([
    [[], ''],
    [[writes(me)], ''],
    [[writes(ada)], 'Ada écrit…'],
    [[writes(ada), writes(me)], 'Ada écrit…'],
    [[writes(ada), writes(zoe)], 'Ada et Zoé écrivent…'],
    [[writes(ada), writes(eric), writes(me), writes(zoe)], '3 personnes écrivent…'],
  ])('of %j is said', (people, words) => {
    expect(writingWords(among(...people, eric), ME).replace(/\s/g, ' ')).toBe(words);
  });
});

describe('Presence', () => {
  afterEach(() => vi.useRealTimers());

  const told = () => screen.getByRole('status').textContent;

  it('names the button by what it shows', () => {
    render(Presence, { presence: { count: 12, people: [ada, me] }, me: ME, still: false });
    expect(screen.getByRole('button', { name: /^12\sprésents\s: voir qui$/ })).toBeTruthy();
  });

  it('tells screen readers that somebody writes, but not each second', async () => {
    vi.useFakeTimers();
    const props = { presence: among(me, ada), me: ME, still: false };
    const { rerender } = render(Presence, props);
    const say = async (...people: Person[]) => {
      await vi.advanceTimersByTimeAsync(1_000);
      await rerender({ ...props, presence: among(...people) });
    };
    await vi.advanceTimersByTimeAsync(31_000);
    await say(writes(ada), me);
    expect(told()).toBe('Ada écrit…');
    await say(writes(ada), writes(zoe), me);
    expect(told()).toBe('Ada écrit…');
    await say(ada, me);
    await say(writes(zoe), me);
    expect(told()).toBe('');
    await say(ada, me);
    await vi.advanceTimersByTimeAsync(31_000);
    await say(writes(zoe), me);
    expect(told()).toBe('Zoé écrit…');
  });

  it('says nothing of it on a paused wall', () => {
    render(Presence, { presence: among(writes(ada), me), me: ME, still: true });
    expect(screen.queryByText('Ada écrit…')).toBeNull();
  });
});
