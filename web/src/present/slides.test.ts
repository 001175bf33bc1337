import { describe, expect, it } from 'vitest';
import type { Chapter } from '../layouts/groups';
import type { PostCell } from '../sync/store.svelte';
import { placeOf, slidesOf } from './slides';

function chapter(id: string, titled: boolean, ...posts: string[]): Chapter {
  const cells = posts.map((one) => ({ id: one }) as PostCell);
  return { id, section: undefined, titled, cells };
}

const keys = (...chapters: Chapter[]) => slidesOf(chapters).map(({ key }) => key);

describe('slides', () => {
  it('go by section, each after its title; an empty one has none', () => {
    expect(keys(chapter('', false, 'a', 'b'))).toEqual(['a', 'b']);
    expect(keys(chapter('x', true, 'a'), chapter('y', true), chapter('z', true, 'b'))).toEqual([
      'section x',
      'a',
      'section z',
      'b',
    ]);
  });

  it('keep their place when posts come before it, or go', () => {
    const before = slidesOf([chapter('', false, 'a', 'b', 'c')]);
    expect(placeOf(before, 'b', 0)).toBe(1);
    expect(placeOf(slidesOf([chapter('', false, 'new', 'a', 'b', 'c')]), 'b', 1)).toBe(2);
    expect(placeOf(slidesOf([chapter('', false, 'a', 'c')]), 'b', 1)).toBe(1);
    expect(placeOf(slidesOf([chapter('', false, 'a')]), 'c', 2)).toBe(0);
    expect(placeOf([], 'c', 2)).toBe(0);
  });
});
