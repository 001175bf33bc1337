import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change, Post } from '../api/types';
import { merge } from './merge';
import { change, post, snapshot } from './samples';
import { WallStore } from './store.svelte';

/** What the server said, in order: for each post, its revisions from 1 on, the last perhaps a tombstone. */
const history = fc
  .array(fc.record({ revs: fc.integer({ min: 1, max: 6 }), deleted: fc.boolean() }), {
    minLength: 1,
    maxLength: 8,
  })
  .map((posts) =>
    posts.flatMap(({ revs, deleted }, number) =>
      Array.from({ length: revs }, (_, i) => {
        const rev = i + 1;
        return change(post(number, { rev, ...(deleted && rev === revs ? { deleted: true } : {}) }));
      }),
    ),
  );

/** How a network may deliver a history: any order, repeats, and losses of all but each document's last state. */
const delivered = history.chain((sent) =>
  fc
    .record({
      repeats: fc.array(fc.nat({ max: sent.length - 1 }), { maxLength: 12 }),
      lost: fc.array(fc.nat({ max: sent.length - 1 }), { maxLength: sent.length }),
    })
    .chain(({ repeats, lost }) => {
      const kept = sent.filter((one, i) => isLast(one, sent) || !lost.includes(i));
      const all = [...kept, ...repeats.map((i) => sent[i] as Change)];
      return fc
        .shuffledSubarray(all, { minLength: all.length })
        .map((received) => ({ sent, received }));
    }),
);

function isLast(one: Change, sent: readonly Change[]): boolean {
  const id = one.post?.id;
  return sent.findLast((other) => other.post?.id === id) === one;
}

/** All that a person could see of a wall. */
function shown(store: WallStore): Post[] {
  return store.order.map((cell) => cell.doc);
}

function wallOf(changes: readonly Change[], batch = changes.length): WallStore {
  const store = new WallStore();
  for (let at = 0; at < changes.length; at += batch) store.apply(changes.slice(at, at + batch));
  return store;
}

// Seeds that once failed stay here for good.
const kept = { examples: [] as [{ sent: Change[]; received: Change[] }][] };

describe('S11: any order and any number of repeats give the same wall', () => {
  it('keeps the greater revision, whatever comes second', () => {
    const older = post(1, { rev: 1 });
    const newer = post(1, { rev: 2 });
    expect(merge(older, newer)).toBe(newer);
    expect(merge(newer, older)).toBe(newer);
    expect(merge(undefined, older)).toBe(older);
    expect(merge(older, post(1, { rev: 1 }))).toBe(older);
  });

  it('shows the same as in order', () => {
    fc.assert(
      fc.property(delivered, ({ sent, received }) => {
        expect(shown(wallOf(received))).toEqual(shown(wallOf(sent)));
      }),
      kept,
    );
  });

  it('does not depend on how arrivals are grouped', () => {
    fc.assert(
      fc.property(delivered, fc.integer({ min: 1, max: 5 }), ({ received }, batch) => {
        expect(shown(wallOf(received, batch))).toEqual(shown(wallOf(received)));
      }),
    );
  });

  it('shows the same when posts have waited before being shown', () => {
    fc.assert(
      fc.property(delivered, fc.array(fc.boolean(), { minLength: 1 }), ({ received }, holds) => {
        const store = new WallStore();
        received.forEach((one, i) => {
          store.apply([one], () => holds[i % holds.length] ?? false);
        });
        store.release();
        expect(store.waiting).toEqual([]);
        expect(shown(store)).toEqual(shown(wallOf(received)));
      }),
    );
  });

  it('a snapshot taken at any moment, then the rest in any order, is the wall (S8)', () => {
    fc.assert(
      fc.property(delivered, fc.nat(), fc.nat(), ({ sent, received }, cut, before) => {
        const at = cut % (sent.length + 1);
        const store = wallOf(received.slice(0, before % (received.length + 1)));
        const then = shown(wallOf(sent.slice(0, at)));
        store.load(snapshot(then));
        store.apply(sent.slice(at));
        expect(shown(store)).toEqual(shown(wallOf(sent)));
      }),
    );
  });
});
