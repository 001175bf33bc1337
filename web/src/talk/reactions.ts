import type { Counts, Settings } from '../api/types';
import type { WallStore } from '../sync/store.svelte';

export type Scale = Settings['reactions'];

/** What is shown of a post's reactions: with the person's own, even if it is not sent yet. */
export interface Shown {
  /** People; of votes, how many. */
  readonly count: number;
  /** Of stars, 0 for none. */
  readonly average: number;
  /** What the person has given; 0 for nothing. */
  readonly mine: number;
}

/** Lays what waits to be sent over what was told. Pure. */
export function shownOf(
  scale: Scale,
  counts: Counts | undefined,
  told = 0,
  unsent: number | undefined = undefined,
): Shown {
  const { reactions = 0, average = 0 } = counts ?? {};
  const mine = unsent ?? told;
  if (scale === 'votes') return { count: Math.max(0, reactions + mine - told), average: 0, mine };
  const count = Math.max(0, reactions + Number(mine > 0) - Number(told > 0));
  if (scale !== 'stars') return { count, average: 0, mine };
  const sum = average * reactions - told + mine;
  return { count, average: count > 0 ? Math.min(5, Math.max(0, sum / count)) : 0, mine };
}

/** The votes that the person has left: those for posts that are gone come back when they are wanted. */
export function votesLeft(store: WallStore): number {
  const given = { ...store.given, ...store.unsentGiven };
  const spent = Object.entries(given).reduce(
    (sum, [post, n]) => sum + (store.post(post)?.live ? n : 0),
    0,
  );
  return Math.max(0, (store.board?.settings.votesEach ?? 0) - spent);
}
