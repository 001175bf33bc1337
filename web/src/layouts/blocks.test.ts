import { describe, expect, it } from 'vitest';
import { BLOCK, Blocks } from './blocks';

const some = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => ({ id: String(from + i) }));

describe('Blocks', () => {
  it('holds every item once, in order', () => {
    const blocks = new Blocks<{ id: string }>();
    let items = some(1000, 1730);
    for (let round = 0; round < 200; round++) {
      const at = (round * 37) % items.length;
      if (round % 3 === 0) items = items.toSpliced(at, 20);
      else items = items.toSpliced(at, 0, ...some(2000 + round * 10, 2000 + round * 10 + 9));
      const cut = blocks.cut(items);
      expect(cut.flatMap((block) => block.items)).toEqual(items);
      expect(new Set(cut.map(({ key }) => key)).size).toBe(cut.length);
      for (const { items: held } of cut) expect(held.length).toBeLessThanOrEqual(2 * BLOCK);
    }
  });

  it('leaves the others as they are when one comes first, amid or last', () => {
    for (const at of [0, 333, 1000]) {
      const blocks = new Blocks<{ id: string }>();
      const items = some(0, 1000);
      const before = new Set(blocks.cut(items));
      const keys = new Set([...before].map(({ key }) => key));
      const after = blocks.cut(items.toSpliced(at, 0, { id: 'new' }));
      expect(after.filter((block) => !before.has(block)).length).toBeLessThanOrEqual(1);
      if (at < 1000) expect(after.every(({ key }) => keys.has(key))).toBe(true);
    }
  });

  it('is nothing of nothing', () => {
    expect(new Blocks<{ id: string }>().cut([])).toEqual([]);
  });
});
