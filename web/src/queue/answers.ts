import type { Change, Snapshot } from '../api/types';
import { merge, type Versioned } from '../sync/merge';

/** A document that the server has answered us with; `at` in milliseconds, of any one clock. */
export interface Answer {
  readonly change: Change;
  readonly at: number;
}

/** A snapshot is never further behind than this, in milliseconds. */
export const REMEMBERED_MS = 60_000;

/** With one answer more, and without those too old to matter. */
export function remembered(answers: readonly Answer[], change: Change, now: number): Answer[] {
  return [...recent(answers, now), { change, at: now }];
}

/** Without what was answered of a post. */
export function withoutPost(answers: readonly Answer[], id: string): Answer[] {
  return answers.filter(({ change }) => change.post?.id !== id);
}

/**
 * A snapshot with what this browser was answered within the last minute: the
 * snapshot may have been made a little before, and what a person has done must
 * not flicker away. Merged by revision, like everything (S11).
 */
export function withAnswers(snapshot: Snapshot, answers: readonly Answer[], now: number): Snapshot {
  const changes = recent(answers, now).map(({ change }) => change);
  return {
    ...snapshot,
    board: changes.reduce(
      (board, change) => (change.board ? merge(board, change.board) : board),
      snapshot.board,
    ),
    posts: together(
      snapshot.posts,
      changes.flatMap((change) => change.post ?? []),
    ),
    media: together(
      snapshot.media,
      changes.flatMap((change) => change.media ?? []),
    ),
  };
}

/** Ids of posts that we were answered with and that a snapshot does not hold: it is older, or they are gone. */
export function unsure(snapshot: Snapshot, answers: readonly Answer[], now: number): string[] {
  const there = new Set(snapshot.posts.map(({ id }) => id));
  const ids = recent(answers, now).flatMap(({ change }) => change.post?.id ?? []);
  return [...new Set(ids)].filter((id) => !there.has(id));
}

function recent(answers: readonly Answer[], now: number): Answer[] {
  return answers.filter(({ at }) => now - at < REMEMBERED_MS);
}

function together<D extends Versioned>(held: readonly D[], come: readonly D[]): D[] {
  const all = new Map(held.map((doc) => [doc.id, doc]));
  for (const doc of come) all.set(doc.id, merge(all.get(doc.id), doc));
  return [...all.values()];
}
