import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Post } from '../api/types';
import type { LiveWall } from '../sync/live.svelte';
import { toasts } from '../ui/toasts.svelte';
import { bringBack, type Removal, removals, remove, WINDOW_MS } from './removal.svelte';

const post = { id: 'a' } as Post;
const reveal = async () => undefined;

/** A wall whose deletions end when they are told to. */
function walled() {
  let end: (error?: Error) => void = () => undefined;
  const removing = new Promise<void>((resolve, reject) => {
    end = (error) => (error ? reject(error) : resolve());
  });
  const queue = { remove: () => removing, bringBack: vi.fn(async () => undefined) };
  return { wall: { writes: async () => ({ queue }) } as unknown as LiveWall, queue, end };
}

beforeEach(() => {
  removals.list = [];
});

describe('a post that was deleted', () => {
  it('is no longer offered once it is back, however early that was asked', async () => {
    const { wall, queue, end } = walled();
    const deleted = remove(wall, post, reveal);
    await vi.waitFor(() => expect(toasts.items.at(-1)?.action).toBeDefined());
    toasts.items.at(-1)?.action?.run();
    await vi.waitFor(() => expect(queue.bringBack).toHaveBeenCalledWith(post));
    end();
    await deleted;
    expect(removals.list).toEqual([]);
  });

  it('is not offered when it could not be deleted', async () => {
    const { wall, end } = walled();
    end(new Error('refused'));
    await remove(wall, post, reveal);
    expect(removals.list).toEqual([]);
  });

  it('is forgotten, and its wall with it, once it can no longer come back', async () => {
    const { wall, end } = walled();
    end();
    const old: Removal = { wall, post, at: Date.now() - WINDOW_MS, reveal };
    removals.list = [old];
    await remove(wall, { ...post, id: 'b' }, reveal);
    expect(removals.list.map((one) => one.post.id)).toEqual(['b']);
    for (const one of removals.list) await bringBack(one);
    expect(removals.list).toEqual([]);
  });
});
