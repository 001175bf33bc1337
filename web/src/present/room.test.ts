import { expect, it } from 'vitest';
import type { Section } from '../api/types';
import { idOf, post, snapshot } from '../sync/samples';
import { WallStore } from '../sync/store.svelte';
import { forRoom } from './room';

function section(number: number, hidden: boolean): Section {
  const at = '2026-11-18T09:00:00.000Z';
  const plain = { title: 'S', description: '', colour: '', order: `a${number}`, locked: false };
  return { id: idOf(number), rev: 1, createdAt: at, updatedAt: at, hidden, ...plain };
}

it('shows a room what everybody may see, and nothing that waits, was refused or is hidden', () => {
  const store = new WallStore();
  const posts = [
    post(1),
    post(2, { state: 'pending' }),
    post(3, { state: 'rejected', reason: 'no' }),
    post(4, { withheld: true }),
    post(5, { sectionId: idOf(50) }),
    post(6, { sectionId: idOf(51) }),
  ];
  store.load({ ...snapshot(posts), sections: [section(50, false), section(51, true)] });
  const shown = () =>
    forRoom(store.order, store)
      .map(({ id }) => id)
      .sort();
  expect(shown()).toEqual([idOf(1), idOf(5)]);
  // Approved, and brought to light, while the room looks on.
  store.apply([{ kind: 'post', post: post(2, { rev: 2 }) }]);
  store.apply([{ kind: 'section', section: { ...section(51, false), rev: 2 } }]);
  expect(shown()).toEqual([idOf(1), idOf(2), idOf(5), idOf(6)]);
});
