import { expect, it } from 'vitest';
import { Turns } from './turns';

it('lets so many go at once, the others in their order, and forgives who ends twice', async () => {
  const turns = new Turns(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const begin = async (n: number) => {
    ends[n] = await turns.take();
    begun.push(n);
  };
  const all = [0, 1, 2, 3].map(begin);
  await Promise.all(all.slice(0, 2));
  expect(begun).toEqual([0, 1]);
  ends[1]?.();
  ends[1]?.();
  await all[2];
  expect(begun).toEqual([0, 1, 2]);
  ends[0]?.();
  await all[3];
  expect(begun).toEqual([0, 1, 2, 3]);
});
