import { describe, expect, it } from 'vitest';
import { uuidv7 } from './uuid';

describe('uuidv7', () => {
  it('has the form of RFC 9562', () => {
    expect(uuidv7()).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  it('begins with the time in milliseconds', () => {
    expect(uuidv7(0x0198c7a21234).slice(0, 13)).toBe('0198c7a2-1234');
  });

  it('sorts by time and never repeats', () => {
    const ids = [1, 2, 3].map((ms) => uuidv7(1_760_000_000_000 + ms));
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(Array.from({ length: 1000 }, () => uuidv7(1))).size).toBe(1000);
  });
});
