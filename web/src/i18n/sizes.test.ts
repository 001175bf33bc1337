import { expect, it } from 'vitest';
import { readableDuration, readableSize } from './sizes';

it.each([
  [0, '0 o'],
  [999, '999 o'],
  [12_345, '12 ko'],
  [3_240_000, '3,2 Mo'],
  [31_457_280, '31 Mo'],
  [1_073_741_824, '1,1 Go'],
])('%i bytes', (bytes, text) => {
  expect(readableSize(bytes, 'fr').replace(/\s/g, ' ')).toBe(text);
});

it.each([
  [0, '0:00'],
  [65.4, '1:05'],
  [3_725, '1:02:05'],
])('%f seconds', (seconds, text) => {
  expect(readableDuration(seconds)).toBe(text);
});
