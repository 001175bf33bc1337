import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Announcer, QUIET_MS } from './announcer.svelte';

describe('Announcer', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('speaks at once, then holds its tongue', () => {
    const announcer = new Announcer();
    announcer.say(() => 'one');
    expect(announcer.text).toBe('one');
    announcer.say(() => 'two');
    announcer.say(() => 'three');
    expect(announcer.text).toBe('one');
    vi.advanceTimersByTime(QUIET_MS);
    expect(announcer.text).toBe('three');
  });

  it('counts as late as it can', () => {
    const announcer = new Announcer();
    let count = 1;
    announcer.say(() => 'first');
    announcer.say(() => `${count} new`);
    count = 5;
    vi.advanceTimersByTime(QUIET_MS);
    expect(announcer.text).toBe('5 new');
  });

  it('says nothing more once stopped', () => {
    const announcer = new Announcer();
    announcer.say(() => 'one');
    announcer.say(() => 'two');
    announcer.stop();
    vi.advanceTimersByTime(2 * QUIET_MS);
    expect(announcer.text).toBe('one');
  });
});
