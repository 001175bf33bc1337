import type { Settings } from '../api/types';
import { compare } from './docs.svelte';

/** What of the board's settings says in which order posts are shown. */
export type Sorting = Pick<Settings, 'sort' | 'newLast'>;

/** Where a post stands: all that the order of posts depends on, and its section. */
export interface Place {
  /** Milliseconds since 1970; what the wall does not have yet comes after all it has. */
  readonly at: number;
  /** Empty until the server has given one. */
  readonly order: string;
  readonly section: string;
  readonly author: string;
  /** How many reactions, or how good they are. */
  readonly given: number;
}

export interface Placed {
  readonly id: string;
  readonly place: Place;
}

export type Comparison = (a: Placed, b: Placed) => number;

/** Before there is a board to say. */
export const UNSAID: Sorting = { sort: 'newest', newLast: false };

const names = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true });

/** How posts are sorted. Ids are UUIDv7, so that equal times keep one order everywhere. */
export function comparisonOf({ sort, newLast }: Sorting): Comparison {
  switch (sort) {
    case 'newest':
      return newestFirst;
    case 'oldest':
      return (a, b) => newestFirst(b, a);
    case 'author':
      return (a, b) =>
        names.compare(a.place.author, b.place.author) ||
        compare(a.place.author, b.place.author) ||
        newestFirst(a, b);
    case 'reactions':
      return (a, b) => b.place.given - a.place.given || newestFirst(a, b);
    default:
      return byHand(newLast);
  }
}

function newestFirst(a: Placed, b: Placed): number {
  const [x, y] = [a.place.at, b.place.at];
  return x === y ? compare(b.id, a.id) : y - x;
}

/** What is not sent yet has no order, and stands where new posts come. */
function byHand(newLast: boolean): Comparison {
  const unsent = newLast ? 1 : -1;
  return (a, b) => {
    const [x, y] = [a.place.order, b.place.order];
    if (x === y && x === '') return newLast ? newestFirst(b, a) : newestFirst(a, b);
    if (x === y) return compare(a.id, b.id);
    if (x === '') return unsent;
    if (y === '') return -unsent;
    return compare(x, y);
  };
}
