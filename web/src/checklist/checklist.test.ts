import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LiveWall } from '../sync/live.svelte';
import { Checklist } from './checklist.svelte';

const rule = { measure: 'posts', least: 1, have: 1, done: true };
const answer = (status: number, body: object) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });

describe('the checklist', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function listOf(fetch: () => Promise<Response>) {
    return new Checklist({ session: { boardId: 'b', fetch } } as unknown as LiveWall);
  }

  it('asks once for what comes together, and not too often', async () => {
    const fetch = vi.fn(async () => answer(200, { rules: [rule], complete: true }));
    const list = listOf(fetch);
    for (let i = 0; i < 5; i += 1) list.refresh();
    await vi.advanceTimersByTimeAsync(500);
    expect(fetch).toHaveBeenCalledTimes(1);
    expect(list.done).toBe(1);
    list.refresh();
    await vi.advanceTimersByTimeAsync(500);
    expect(fetch).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(500);
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it('does not let what is for everybody hold up what is for one', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.9);
    const fetch = vi.fn(async () => answer(200, { rules: [rule], complete: true }));
    const list = listOf(fetch);
    list.refresh(true);
    await vi.advanceTimersByTimeAsync(1000);
    expect(fetch).not.toHaveBeenCalled();
    list.refresh();
    await vi.advanceTimersByTimeAsync(500);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it('keeps what it knew and tries again', async () => {
    const fetch = vi.fn(async () => answer(200, { rules: [rule], complete: true }));
    const list = listOf(fetch);
    list.refresh();
    await vi.advanceTimersByTimeAsync(1000);
    fetch.mockImplementationOnce(async () => answer(503, { code: 'store_unavailable', title: '' }));
    list.refresh();
    await vi.advanceTimersByTimeAsync(1000);
    expect([list.trouble, list.done]).toEqual([true, 1]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(list.trouble).toBe(false);
    list.stop();
    list.refresh();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(fetch).toHaveBeenCalledTimes(3);
  });
});
