import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { between, spread } from './order';

const DIGITS = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'];
/** What the service takes for an order: digits, without a zero at the end. */
const order = fc
  .array(fc.constantFrom(...DIGITS), { minLength: 1, maxLength: 12 })
  .map((digits) => digits.join(''))
  .filter((made) => !made.endsWith('0'));

function good(made: string): void {
  expect(made).toMatch(/^[0-9A-Za-z]*[1-9A-Za-z]$/);
}

describe('between', () => {
  // The same cases as the service's: TestOrderBetween and what it gives for them.
  it.each([
    ['', '', 'V'],
    ['V', '', 'k'],
    ['', 'V', 'F'],
    ['A', 'B', 'AV'],
    ['a', 'a', 'n'],
    ['z', '', 'zV'],
    ['', '1', '0V'],
    ['b', 'a', 'n'],
  ])('after %j and before %j is %j', (after, before, made) => {
    expect(between(after, before)).toBe(made);
  });

  it('is strictly between any two', () => {
    fc.assert(
      fc.property(order, order, (a, b) => {
        fc.pre(a !== b);
        const [low, high] = a < b ? [a, b] : [b, a];
        const made = between(low, high);
        good(made);
        expect(low < made && made < high).toBe(true);
      }),
    );
  });

  it('is after any, and before any', () => {
    fc.assert(
      fc.property(order, (one) => {
        const [first, last] = [between('', one), between(one, '')];
        good(first);
        good(last);
        expect(first < one && one < last).toBe(true);
      }),
    );
  });

  it('goes on for ever in one place', () => {
    let [low, high] = ['A', 'B'];
    for (let i = 0; i < 200; i += 1) {
      const made = between(low, high);
      good(made);
      if (i % 3 === 0) low = made;
      else high = made;
      expect(low < high).toBe(true);
    }
  });
});

describe('spread', () => {
  it('gives as many as asked, in order, between the two', () => {
    fc.assert(
      fc.property(order, order, fc.integer({ min: 0, max: 60 }), (a, b, count) => {
        fc.pre(a !== b);
        const [low, high] = a < b ? [a, b] : [b, a];
        const made = spread(low, high, count);
        made.forEach(good);
        expect(made).toHaveLength(count);
        expect([low, ...made, high]).toEqual([...new Set([low, ...made, high])].sort());
      }),
    );
  });
});
