import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Board, Post } from '../api/types';
import { board, change, idOf, post, settings, snapshot } from './samples';
import { comparisonOf, type Placed, type Sorting } from './sort';
import { type Pending, WallStore } from './store.svelte';

const sortings: Sorting[] = (
  ['manual', 'newest', 'oldest', 'author', 'reactions'] as const
).flatMap((sort) => [
  { sort, newLast: false },
  { sort, newLast: true },
]);

const placed: fc.Arbitrary<Placed> = fc.record({
  id: fc.integer({ min: 0, max: 30 }).map(idOf),
  place: fc.record({
    at: fc.constantFrom(1, 2, 3, Number.POSITIVE_INFINITY),
    order: fc.constantFrom('', 'B', 'a', 'aV', 'b'),
    section: fc.constant(''),
    author: fc.constantFrom('Ada', 'ada', 'Élie', 'Zoé'),
    given: fc.constantFrom(0, 1, 2.5),
  }),
});

function sorted(changes: Partial<Board['settings']>): Board {
  return board({ rev: 2, settings: settings(changes) });
}

function titles(store: WallStore): string[] {
  return store.order.map((cell) => cell.doc.title);
}

function unsent(shown: Post): Map<string, Pending> {
  const waiting = {
    id: shown.id,
    kind: 'create' as const,
    trouble: undefined,
    lasting: true,
    progress: undefined,
  };
  return new Map([[shown.id, { post: shown, waiting }]]);
}

describe.each(sortings)('by $sort, new last: $newLast', (sorting) => {
  it('is one order for everybody', () => {
    const compare = comparisonOf(sorting);
    fc.assert(
      fc.property(placed, placed, placed, (a, b, c) => {
        expect(Math.sign(compare(a, b))).toBe(-Math.sign(compare(b, a)) || 0);
        if (compare(a, b) < 0 && compare(b, c) < 0) expect(compare(a, c)).toBeLessThan(0);
      }),
    );
  });

  it('takes posts in one by one as it would all at once', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            number: fc.integer({ min: 1, max: 20 }),
            order: fc.constantFrom('A', 'a', 'b'),
          }),
          { maxLength: 25 },
        ),
        (writes) => {
          const store = new WallStore();
          store.load(snapshot([], { board: sorted(sorting) }));
          writes.forEach(({ number, order }, i) => {
            store.apply([change(post(number, { rev: i + 1, order }))]);
          });
          const again = new WallStore();
          const posts = store.order.map((cell) => cell.doc);
          again.load(snapshot(posts.toReversed(), { board: sorted(sorting) }));
          expect(titles(again)).toEqual(titles(store));
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('the order of a wall', () => {
  const posts = [post(1, { order: 'c' }), post(2, { order: 'a' }), post(3, { order: 'B' })];

  it.each([
    ['manual', ['Post 3', 'Post 2', 'Post 1']],
    ['newest', ['Post 3', 'Post 2', 'Post 1']],
    ['oldest', ['Post 1', 'Post 2', 'Post 3']],
  ] as const)('follows the settings: %s', (sort, expected) => {
    const store = new WallStore();
    store.load(snapshot(posts));
    store.apply([{ kind: 'board', board: sorted({ sort }) }]);
    expect(titles(store)).toEqual(expected);
  });

  it('moves a post whose order has changed, in the same cell', () => {
    const store = new WallStore();
    store.load(snapshot(posts));
    const cell = store.post(idOf(1));
    store.apply([change(post(1, { rev: 2, order: 'A' }))]);
    expect(titles(store)).toEqual(['Post 1', 'Post 3', 'Post 2']);
    expect(store.order[0]).toBe(cell);
  });

  it('tells of another section by another list', () => {
    const store = new WallStore();
    store.load(snapshot(posts));
    const { order } = store;
    store.apply([change(post(1, { rev: 2, order: 'c', sectionId: idOf(50) }))]);
    expect(store.order).not.toBe(order);
    expect(store.post(idOf(1))?.place.section).toBe(idOf(50));
  });

  it.each([
    [{ sort: 'manual', newLast: false }, 0],
    [{ sort: 'manual', newLast: true }, 3],
    [{ sort: 'newest', newLast: false }, 0],
    [{ sort: 'oldest', newLast: false }, 3],
  ] as const)('has unsent posts where new ones come: %j', (by, at) => {
    const store = new WallStore();
    store.load(snapshot(posts, { board: sorted(by) }));
    store.pend(unsent(post(9, { rev: 0, order: '' })));
    expect(titles(store).indexOf('Post 9')).toBe(at);
  });

  it('keeps what waits waiting when it is moved', () => {
    const store = new WallStore();
    store.load(snapshot(posts));
    store.apply([change(post(4))], () => true);
    store.apply([change(post(4, { rev: 2, order: '0V' }))]);
    expect(titles(store)).toHaveLength(3);
    expect(store.waiting).toHaveLength(1);
  });
});
