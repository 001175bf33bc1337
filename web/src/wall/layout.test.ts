import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { geometryFor, Masonry } from './layout';

interface Item {
  id: string;
  tall: number;
}

const GAP = 10;

function items(...talls: number[]): Item[] {
  return talls.map((tall, i) => ({ id: `i${i}`, tall }));
}

function masonry(columns: number, posts: Item[]): Masonry<Item> {
  const made = new Masonry<Item>((item) => item.tall);
  made.reshape({ columns, columnWidth: 100, gap: GAP });
  made.update(posts);
  return made;
}

function columnsOf(made: Masonry<Item>, posts: readonly Item[]) {
  return posts.map((item) => made.at(item.id)?.column);
}

describe('geometryFor', () => {
  it.each([
    [1240, 4, 302.5],
    [366, 1, 366],
    [200, 1, 200],
    [560, 2, 275],
  ])('%i px holds %i columns', (width, columns, columnWidth) => {
    expect(geometryFor(width, 270, GAP)).toEqual({ columns, columnWidth, gap: GAP });
  });
});

describe('Masonry', () => {
  it('packs in reading order, so that the top row reads from left to right', () => {
    const posts = items(100, 50, 80, 20, 20);
    const made = masonry(3, posts);
    expect(columnsOf(made, posts)).toEqual([0, 1, 2, 1, 1]);
    expect(made.at('i3')?.top).toBe(60);
    expect(made.at('i4')?.top).toBe(90);
    expect(made.height).toBe(110);
  });

  it('moves one column only when a post arrives', () => {
    const posts = items(100, 50, 80);
    const made = masonry(3, posts);
    made.update([{ id: 'new', tall: 40 }, ...posts]);
    expect(made.at('new')).toMatchObject({ column: 1, top: 0, index: 0 });
    expect(posts.map(({ id }) => made.at(id)?.top)).toEqual([0, 50, 0]);
  });

  it('moves no other column when a post goes', () => {
    const posts = items(100, 50, 80, 20);
    const made = masonry(3, posts);
    made.update(posts.filter(({ id }) => id !== 'i1'));
    expect(columnsOf(made, posts)).toEqual([0, undefined, 2, 1]);
    expect(made.at('i3')?.top).toBe(0);
  });

  it('takes measures in and tells whether anything moved', () => {
    const made = masonry(1, items(100, 100));
    expect(made.measure(new Map([['i0', 100.2]]))).toBe(false);
    expect(made.measure(new Map([['i0', 150]]))).toBe(true);
    expect(made.at('i1')?.top).toBe(160);
  });

  it('forgets measures with the width, and keeps them with the selection', () => {
    const posts = items(100, 100);
    const made = masonry(1, posts);
    made.measure(new Map([['i0', 150]]));
    made.repack(posts);
    expect(made.at('i1')?.top).toBe(160);
    made.reshape({ columns: 1, columnWidth: 200, gap: GAP });
    expect(made.at('i1')?.top).toBe(110);
  });

  it('is empty without posts', () => {
    const made = masonry(3, []);
    expect(made.height).toBe(0);
    expect(made.within(0, 1000)).toEqual([]);
  });

  it('never lays one card over another, loses none, and finds exactly those in sight', () => {
    const tall = fc.integer({ min: 10, max: 400 });
    const steps = fc.array(
      fc.oneof(
        fc.record({ kind: fc.constant('add' as const), tall }),
        fc.record({ kind: fc.constant('drop' as const), at: fc.nat() }),
        fc.record({ kind: fc.constant('measure' as const), at: fc.nat(), tall }),
      ),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(tall), steps, (columns, talls, done) => {
        let posts = items(...talls);
        const made = masonry(columns, posts);
        done.forEach((step, i) => {
          if (step.kind === 'add') posts = [{ id: `n${i}`, tall: step.tall }, ...posts];
          if (step.kind === 'drop') posts = posts.filter((_, at) => at !== step.at % posts.length);
          const target = step.kind === 'measure' ? posts[step.at % posts.length] : undefined;
          if (step.kind === 'measure' && target) made.measure(new Map([[target.id, step.tall]]));
          made.update(posts);
        });
        const all = posts.map(({ id }) => made.at(id)).filter((one) => one !== undefined);
        expect(all).toHaveLength(posts.length);
        for (const one of all) {
          const below = all.filter((other) => other.column === one.column && other.top > one.top);
          for (const other of below) {
            expect(other.top).toBeGreaterThanOrEqual(one.top + one.height + GAP);
          }
        }
        const seen = made.within(200, 700);
        expect(seen).toEqual(all.filter((one) => one.top < 700 && one.top + one.height > 200));
      }),
    );
  });
});
