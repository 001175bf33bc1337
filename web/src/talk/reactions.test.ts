import { describe, expect, it } from 'vitest';
import { board, idOf, post, settings, snapshot } from '../sync/samples';
import { WallStore } from '../sync/store.svelte';
import { shownOf, votesLeft } from './reactions';

describe('what is shown of reactions', () => {
  const counts = { id: idOf(1), comments: 0, reactions: 3, average: 4 };

  it('is what was told where nothing waits', () => {
    expect(shownOf('like', undefined)).toEqual({ count: 0, average: 0, mine: 0 });
    expect(shownOf('like', counts, 1)).toEqual({ count: 3, average: 0, mine: 1 });
    expect(shownOf('stars', counts, 5)).toEqual({ count: 3, average: 4, mine: 5 });
  });

  it('counts one’s own before it is sent', () => {
    expect(shownOf('like', counts, 0, 1).count).toBe(4);
    expect(shownOf('like', counts, 1, 0).count).toBe(2);
    expect(shownOf('votes', counts, 1, 3).count).toBe(5);
    expect(shownOf('stars', counts, 0, 2)).toEqual({ count: 4, average: 3.5, mine: 2 });
    expect(shownOf('stars', counts, 2, 0)).toEqual({ count: 2, average: 5, mine: 0 });
    expect(shownOf('stars', { ...counts, reactions: 1 }, 4, 0).average).toBe(0);
  });

  it('does not miscount while an answer and the counts are on their way', () => {
    expect(shownOf('like', { ...counts, reactions: 0 }, 1, 0).count).toBe(0);
  });
});

describe('votes', () => {
  it('are left where they are not given, or were given to what is gone', () => {
    const store = new WallStore();
    store.load(
      snapshot([post(1), post(2)], {
        board: board({ settings: settings({ reactions: 'votes', votesEach: 5 }) }),
      }),
    );
    store.react('reactions', { [idOf(1)]: 2, [idOf(9)]: 2 });
    expect(votesLeft(store)).toBe(3);
    store.pend(new Map(), undefined, { [idOf(1)]: 1, [idOf(2)]: 3 });
    expect(votesLeft(store)).toBe(1);
    store.react('reacted', { [idOf(9)]: 0 });
    store.pend(new Map());
    expect(votesLeft(store)).toBe(3);
  });
});
