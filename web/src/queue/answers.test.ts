import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change, Post } from '../api/types';
import { board, change, idOf, media, post, snapshot } from '../sync/samples';
import { WallStore } from '../sync/store.svelte';
import { type Answer, REMEMBERED_MS, remembered, unsure, withAnswers } from './answers';

const NOW = 1_000_000;

function answered(...changes: Change[]): Answer[] {
  return changes.reduce<Answer[]>((answers, one) => remembered(answers, one, NOW), []);
}

describe('S4, S8: what this browser was answered does not flicker away with a snapshot', () => {
  it('adds a post that the snapshot is too old for, and keeps the newer of two', () => {
    const answers = answered(change(post(3)), change(post(1, { rev: 4 })), change(post(2)));
    const older = snapshot([post(1, { rev: 3 }), post(2, { rev: 9 })]);
    const revs = withAnswers(older, answers, NOW).posts.map(({ id, rev }) => [id, rev]);
    expect(revs).toEqual([
      [idOf(1), 4],
      [idOf(2), 9],
      [idOf(3), 1],
    ]);
    expect(unsure(older, answers, NOW)).toEqual([idOf(3)]);
  });

  it('does the same for the wall’s title and for uploads', () => {
    const answers = answered(
      { kind: 'board', board: board({ rev: 3, title: 'New' }) },
      { kind: 'media', media: media(5, { rev: 2 }) },
    );
    const merged = withAnswers(snapshot([]), answers, NOW);
    expect(merged.board.title).toBe('New');
    expect(merged.media).toMatchObject([{ id: idOf(5), rev: 2 }]);
  });

  it('forgets after a minute', () => {
    const answers = answered(change(post(3)));
    expect(withAnswers(snapshot([]), answers, NOW + REMEMBERED_MS).posts).toEqual([]);
    expect(remembered(answers, change(post(4)), NOW + REMEMBERED_MS)).toHaveLength(1);
  });

  it('shows the newest of every document, whatever the snapshot was late for', () => {
    const revs = fc.array(fc.tuple(fc.nat(5), fc.integer({ min: 1, max: 6 })), { maxLength: 12 });
    fc.assert(
      fc.property(revs, revs, fc.boolean(), (told, own, twice) => {
        const docs = (list: [number, number][]): Post[] =>
          list.map(([number, rev]) => post(number, { rev }));
        const held = [...new Map(docs(told).map((one) => [one.id, one])).values()];
        const answers = answered(...docs(own).map(change));
        const once = withAnswers(snapshot(held), answers, NOW);
        const merged = twice ? withAnswers(once, answers, NOW) : once;
        // The wall that takes both in, one after the other, is the same wall.
        const [a, b] = [new WallStore(), new WallStore()];
        a.load(merged);
        b.load(snapshot(held));
        b.apply(docs(own).map(change));
        expect(a.order.map(({ doc }) => doc)).toEqual(b.order.map(({ doc }) => doc));
        expect(new Set(merged.posts.map(({ id }) => id)).size).toBe(merged.posts.length);
      }),
    );
  });
});
