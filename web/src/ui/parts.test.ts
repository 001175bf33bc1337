import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { inTurn, once } from './parts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('fetches a part once, and again after a failure', async () => {
  const load = vi.fn().mockRejectedValueOnce(new Error('offline')).mockResolvedValue('part');
  const get = once(load);
  await expect(Promise.all([get(), get()])).rejects.toThrow('offline');
  expect(await get()).toBe('part');
  expect(await get()).toBe('part');
  expect(load).toHaveBeenCalledTimes(2);
});

it('gives a part to a few in each frame, in their order', async () => {
  const get = inTurn(async () => 'part');
  const given: number[] = [];
  for (let i = 0; i < 6; i += 1) void get().then(() => given.push(i));
  await vi.advanceTimersByTimeAsync(16);
  expect(given).toEqual([0, 1, 2, 3]);
  await vi.advanceTimersByTimeAsync(16);
  expect(given).toEqual([0, 1, 2, 3, 4, 5]);
  void get().then(() => given.push(6));
  await vi.advanceTimersByTimeAsync(16);
  expect(given).toHaveLength(7);
});
