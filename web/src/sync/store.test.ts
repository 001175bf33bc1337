import { describe, expect, it } from 'vitest';
import type { Post } from '../api/types';
import { board, change, idOf, media, post, settings, snapshot } from './samples';
import { fold, type Pending, WallStore } from './store.svelte';

function pending(kind: 'create' | 'edit' | 'delete', shown?: Post): Pending {
  const waiting = { id: '', kind, trouble: undefined, lasting: true, progress: undefined };
  return { post: shown, waiting };
}

function numbers(store: WallStore): string[] {
  return store.order.map((cell) => cell.doc.title);
}

describe('WallStore', () => {
  it('shows the newest first', () => {
    const store = new WallStore();
    store.apply([change(post(2)), change(post(1)), change(post(3))]);
    expect(numbers(store)).toEqual(['Post 3', 'Post 2', 'Post 1']);
  });

  it('counts what a post was given, and sorts by it where the wall does', () => {
    const store = new WallStore();
    const given = (number: number, reactions: number, average?: number) => {
      const counts = { id: idOf(number), comments: 1, reactions, ...(average && { average }) };
      return { kind: 'counts' as const, counts };
    };
    const sorted = board({ settings: settings({ sort: 'reactions' }) });
    store.load(
      snapshot([post(1), post(2), post(3)], { board: sorted, counts: [given(2, 3).counts] }),
    );
    expect(numbers(store)).toEqual(['Post 2', 'Post 3', 'Post 1']);
    store.apply([given(1, 5), given(9, 9)]);
    expect(numbers(store)).toEqual(['Post 1', 'Post 2', 'Post 3']);
    // Of stars it is how many on the average.
    store.apply([given(1, 5, 2.5)]);
    expect(numbers(store)).toEqual(['Post 2', 'Post 1', 'Post 3']);
    expect(store.post(idOf(1))?.counts?.comments).toBe(1);
    store.apply([change(post(1, { rev: 2, deleted: true }))]);
    store.apply([change(post(1, { rev: 3 }))]);
    expect(store.post(idOf(1))?.counts).toBeUndefined();
    store.load(snapshot([post(2)], { board: sorted }));
    expect(store.post(idOf(2))?.counts).toBeUndefined();
  });

  it('keeps the cell, and the order, when a post is edited: one card changes', () => {
    const store = new WallStore();
    store.apply([change(post(1)), change(post(2))]);
    const { order } = store;
    store.apply([change(post(1, { rev: 2, title: 'Edited' }))]);
    expect(store.order).toBe(order);
    expect(numbers(store)).toEqual(['Post 2', 'Edited']);
  });

  it('holds arrivals, counts them, and shows them when asked', () => {
    const store = new WallStore();
    store.apply([change(post(1))]);
    store.apply([change(post(2)), change(post(3))], () => true);
    expect(numbers(store)).toEqual(['Post 1']);
    expect(store.waiting.map((cell) => cell.doc.title)).toEqual(['Post 3', 'Post 2']);
    expect(store.count).toBe(3);
    store.release();
    expect(numbers(store)).toEqual(['Post 3', 'Post 2', 'Post 1']);
    expect(store.count).toBe(3);
  });

  it('forgets a held post that is deleted meanwhile', () => {
    const store = new WallStore();
    store.apply([change(post(1))], () => true);
    store.apply([change(post(1, { rev: 2, deleted: true }))]);
    expect(store.waiting).toEqual([]);
    expect(store.count).toBe(0);
  });

  it('hides a post at once and shows it when the deletion fails', () => {
    const store = new WallStore();
    store.apply([change(post(1)), change(post(2))]);
    store.pend(new Map([[idOf(1), pending('delete')]]));
    expect(numbers(store)).toEqual(['Post 2']);
    store.pend(new Map());
    expect(numbers(store)).toEqual(['Post 2', 'Post 1']);
  });

  it('shows what is not sent yet first, then in its own time, in the same cell', () => {
    const store = new WallStore();
    store.apply([change(post(2))]);
    store.pend(new Map([[idOf(1), pending('create', post(1, { rev: 0 }))]]));
    const [cell] = store.order;
    expect(numbers(store)).toEqual(['Post 1', 'Post 2']);
    store.apply([change(post(1)), change(post(3))]);
    expect(numbers(store)).toEqual(['Post 3', 'Post 2', 'Post 1']);
    store.pend(new Map());
    expect(store.order[2]).toBe(cell);
    expect(cell?.pending).toBeUndefined();
  });

  it('drops what was given up before it was sent', () => {
    const store = new WallStore();
    store.pend(new Map([[idOf(1), pending('create', post(1, { rev: 0 }))]]));
    store.pend(new Map());
    expect(store.order).toEqual([]);
    expect(store.post(idOf(1))).toBeUndefined();
  });

  it('keeps an unsent edit in sight when a snapshot comes without the post, and no longer', () => {
    const store = new WallStore();
    store.apply([change(post(1)), change(post(2))]);
    const mine = post(1, { title: 'Mine' });
    store.pend(new Map([[idOf(1), pending('edit', mine)]]));
    store.load(snapshot([post(2)]));
    expect(numbers(store)).toEqual(['Post 2', 'Mine']);
    store.pend(new Map());
    expect(numbers(store)).toEqual(['Post 2']);
    store.apply([change(post(1))]);
    expect(numbers(store)).toEqual(['Post 2', 'Post 1']);
  });

  it('takes a restored post back in its place', () => {
    const store = new WallStore();
    store.apply([change(post(1)), change(post(2)), change(post(3))]);
    store.apply([change(post(2, { rev: 2, deleted: true }))]);
    store.apply([change(post(2, { rev: 3 }))]);
    expect(numbers(store)).toEqual(['Post 3', 'Post 2', 'Post 1']);
  });

  it('a snapshot removes what it does not hold, but no tombstone', () => {
    const store = new WallStore();
    store.apply([change(post(1)), change(post(2)), change(post(3, { rev: 2, deleted: true }))]);
    store.load(snapshot([post(2), post(3)]));
    expect(numbers(store)).toEqual(['Post 2']);
  });

  it('shows one’s own post again that a section took away and gave back', () => {
    const store = new WallStore();
    const mine = post(1, { rev: 3, state: 'rejected' });
    store.apply([change(post(1, { rev: 3, deleted: true }))]);
    store.load(snapshot([])); // only its author sees it: it comes by the stream
    store.apply([change(post(1, { rev: 2 })), change(mine)]);
    expect(numbers(store)).toEqual(['Post 1']);
    store.apply([change(post(1, { rev: 3, deleted: true }))]);
    expect(numbers(store)).toEqual(['Post 1']);
  });

  it('follows an upload, also one asked for before it is known', () => {
    const store = new WallStore();
    expect(store.media(media(1).id)).toBeUndefined();
    store.apply([{ kind: 'media', media: media(1) }]);
    store.apply([{ kind: 'media', media: media(1, { rev: 2, state: 'ready' }) }]);
    store.apply([{ kind: 'media', media: media(1) }]);
    expect(store.media(media(1).id)?.state).toBe('ready');
  });

  it('finds words without regard to case or accents, in the text as it is now', () => {
    const store = new WallStore();
    store.apply([
      change(post(1, { body: '<p>À l’École, <strong>é</strong>valuer &amp; dire</p><p>Fin</p>' })),
    ]);
    const cell = store.post(post(1).id);
    expect(cell?.searchText).toContain(fold('école'));
    expect(cell?.searchText).toContain('evaluer');
    expect(cell?.searchText).toContain('& dire');
    expect(cell?.searchText).not.toContain('strong');
    store.apply([change(post(1, { rev: 2, body: '<p>Autre</p>' }))]);
    expect(cell?.searchText).not.toContain('ecole');
  });
});
