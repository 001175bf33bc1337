import { describe, expect, it } from 'vitest';
import { remaining } from './remaining';

const NOW = Date.parse('2026-11-18T09:00:00Z');
const minutes = (n: number) => NOW + n * 60_000;

describe('what is left', () => {
  it.each([
    [minutes(5), 'dans 5 minutes'],
    [minutes(0.2), 'dans 1 minute'],
    [minutes(60), 'dans 60 minutes'],
  ])('is told in words when it is near', (at, words) => {
    expect(remaining(at, NOW, 'fr')).toBe(words);
  });

  it.each([minutes(61), minutes(0), minutes(-3)])('is not told far away, or after', (at) => {
    expect(remaining(at, NOW, 'fr')).toBeUndefined();
  });
});
