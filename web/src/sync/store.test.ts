import { describe, expect, it } from 'vitest';
import { change, media, post, snapshot } from './samples';
import { fold, WallStore } from './store.svelte';

function numbers(store: WallStore): string[] {
  return store.order.map((cell) => cell.doc.title);
}

describe('WallStore', () => {
  it('shows the newest first', () => {
    const store = new WallStore();
    store.apply([change(post(2)), change(post(1)), change(post(3))]);
    expect(numbers(store)).toEqual(['Post 3', 'Post 2', 'Post 1']);
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

  it('conceals a post at once and reveals it when the deletion fails', () => {
    const store = new WallStore();
    store.apply([change(post(1)), change(post(2))]);
    store.conceal(post(1).id, true);
    expect(numbers(store)).toEqual(['Post 2']);
    store.conceal(post(1).id, false);
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
