import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EVERY_MS, Writing } from './writing';

let told: boolean[];
let writing: Writing;

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  writing = new Writing(async (now) => {
    told.push(now);
  });
});

afterEach(() => vi.useRealTimers());

async function type(ms: number) {
  for (let passed = 0; passed < ms; passed += 200) {
    writing.typed();
    await vi.advanceTimersByTimeAsync(200);
  }
}

describe('S7: telling that one writes', () => {
  it('is told at the first letter, then every 4 s of typing', async () => {
    await type(200);
    expect(told).toEqual([true]);
    await type(EVERY_MS * 3 - 400);
    expect(told).toEqual([true, true, true]);
  });

  it('says nothing while nobody types', async () => {
    await type(200);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told).toEqual([true]);
  });

  it('tells the end, once, and only if there was a beginning', async () => {
    writing.stop();
    await type(200);
    writing.stop();
    writing.stop();
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toEqual([true, false]);
  });

  it('tells a new beginning at once', async () => {
    await type(200);
    writing.stop();
    await type(200);
    expect(told).toEqual([true, false, true]);
  });

  it('never lets a late beginning come after the end', async () => {
    const order: boolean[] = [];
    const slow = new Writing(async (now) => {
      await new Promise((resolve) => setTimeout(resolve, now ? 1_000 : 0));
      order.push(now);
    });
    slow.typed();
    slow.stop();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(order).toEqual([true, false]);
  });

  it('goes on when the wall can’t be told', async () => {
    const failing = vi.fn(() => Promise.reject(new Error('offline')));
    const unheard = new Writing(failing);
    unheard.typed();
    unheard.stop();
    await vi.advanceTimersByTimeAsync(0);
    expect(failing).toHaveBeenCalledTimes(2);
  });
});
