import { expect, test } from 'vitest';
import { isNear, longDay } from './days';

test('an end is told by its day, and more visibly in the last thirty', () => {
  const at = Date.parse('2027-03-12T12:00:00Z');
  expect(longDay(at, 'fr')).toBe('12 mars 2027');
  expect(longDay(at, 'en')).toBe('March 12, 2027');
  expect(isNear(at, Date.parse('2027-02-09T12:00:00Z'))).toBe(false);
  expect(isNear(at, Date.parse('2027-02-10T12:00:00Z'))).toBe(true);
  expect(isNear(at, Date.parse('2027-03-13T12:00:00Z'))).toBe(true);
});
