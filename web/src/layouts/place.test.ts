import { describe, expect, it } from 'vitest';
import { post } from '../sync/samples';
import { PostCell } from '../sync/store.svelte';
import { orderOfNew, ordersAt } from './place';

const NOW = Date.parse('2026-11-24T09:00:00Z');

function cells(...orders: string[]): PostCell[] {
  return orders.map((order, i) => new PostCell(post(i + 1, { order })));
}

describe('orderOfNew', () => {
  // What the service gives: TestOrderAtComesFirstOrLastWhateverCameBefore.
  it('comes before the newest, or after it, as time goes on', () => {
    expect(orderOfNew(NOW + 1, false) < orderOfNew(NOW, false)).toBe(true);
    expect(orderOfNew(NOW + 1, true) > orderOfNew(NOW, true)).toBe(true);
    expect(orderOfNew(NOW, false) < orderOfNew(NOW, true)).toBe(true);
  });
});

describe('ordersAt', () => {
  it.each([0, 1, 2, 3])('puts several at place %i, in their order', (index) => {
    const there = ['B', 'a', 'b'];
    const made = ordersAt(cells(...there), index, 3, false, NOW);
    const all = [...there.slice(0, index), ...made, ...there.slice(index)];
    expect(all).toEqual([...new Set(all)].sort());
  });

  it('leaves room above what is put first, for the posts to come', () => {
    const first = orderOfNew(NOW - 1_000, false);
    const [made = ''] = ordersAt(cells(first, 'zz'), 0, 1, false, NOW);
    expect(made < first).toBe(true);
    expect(orderOfNew(NOW + 1_000, false) < made).toBe(true);
  });

  it('leaves room below what is put last, where new posts come last', () => {
    const last = orderOfNew(NOW - 1_000, true);
    const [made = ''] = ordersAt(cells('B', last), 2, 1, true, NOW);
    expect(made > last).toBe(true);
    expect(orderOfNew(NOW + 1_000, true) > made).toBe(true);
  });

  it('passes over what is not sent yet', () => {
    const [made = ''] = ordersAt(cells('', 'B', 'a'), 1, 1, false, NOW);
    expect(made < 'B').toBe(true);
  });
});
