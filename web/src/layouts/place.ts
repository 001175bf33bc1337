import type { PostCell } from '../sync/store.svelte';
import { DIGITS, spread } from './order';

const TIME_DIGITS = 8;
const MOST = DIGITS.length ** TIME_DIGITS;

/**
 * The order that the board service gives a post made now, as orderAt of its
 * order.go does: what is put where new posts come stays below those still to come.
 */
export function orderOfNew(now: number, last: boolean): string {
  let n = last ? now : MOST - 1 - now;
  let out = 'V';
  for (let i = 0; i < TIME_DIGITS; i += 1) {
    out = DIGITS[n % DIGITS.length] + out;
    n = Math.floor(n / DIGITS.length);
  }
  return last ? `zz${out}` : out;
}

/** Where posts go: a section, and a place among those that stay there. */
export interface Spot {
  readonly section: string;
  /** How many of the others come before. */
  readonly index: number;
}

/** Orders that put so many posts at a place among the others, which are sorted by hand. */
export function ordersAt(
  others: readonly PostCell[],
  index: number,
  count: number,
  newLast: boolean,
  now = Date.now(),
): string[] {
  const known = (cell: PostCell) => cell.place.order !== '';
  let after = others.slice(0, index).findLast(known)?.place.order ?? '';
  let before = others.slice(index).find(known)?.place.order ?? '';
  const fresh = orderOfNew(now, newLast);
  if (after === '' && !newLast && (before === '' || fresh < before)) after = fresh;
  if (before === '' && newLast && fresh > after) before = fresh;
  return spread(after, before, count);
}
