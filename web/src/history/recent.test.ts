import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Post } from '../api/types';
import type { LiveWall } from '../sync/live.svelte';
import { toasts } from '../ui/toasts.svelte';
import { keep, recents, remove, takeBack, tellDone, WINDOW_MS } from './recent.svelte';

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

const text = () => 'x';

beforeEach(() => {
  recents.list = [];
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
    expect(recents.list).toEqual([]);
  });

  it('is not offered when it could not be deleted', async () => {
    const { wall, end } = walled();
    const deleted = remove(wall, post, reveal);
    end(new Error('refused'));
    await deleted;
    expect(recents.list).toEqual([]);
  });
});

describe('what was done', () => {
  it('is forgotten, and its wall with it, once it can no longer be taken back', async () => {
    const { wall } = walled();
    const undo = async () => undefined;
    recents.list = [{ wall, at: Date.now() - WINDOW_MS, text, undo }];
    await tellDone(wall, 'Fait.', undo, text);
    expect(recents.list).toHaveLength(1);
    for (const one of recents.list) await takeBack(one);
    expect(recents.list).toEqual([]);
  });

  it('is taken back once, from wherever that is asked', async () => {
    const undo = vi.fn(async () => undefined);
    const one = keep({ wall: walled().wall, text, undo });
    expect(await Promise.all([takeBack(one), takeBack(one)])).toEqual([true, false]);
    expect(await takeBack(one)).toBe(false);
    expect(undo).toHaveBeenCalledOnce();
  });

  it('says why it could not be taken back', async () => {
    const one = keep({
      wall: walled().wall,
      text,
      undo: async () => {
        throw new Error('changed since');
      },
    });
    const before = toasts.items.length;
    expect(await takeBack(one)).toBe(false);
    expect(toasts.items).toHaveLength(before + 1);
  });
});
