import type { Act } from '../api/types';
import { type MessageKey, t } from '../i18n/index.svelte';

/** What acts are about, as the feed is filtered. A new kind of document is a line here. */
export const ABOUT = {
  post: ['post', 'report'],
  comment: ['comment'],
  section: ['section'],
  people: ['participant', 'group'],
  board: ['board', 'link'],
} as const;
export type About = keyof typeof ABOUT;

const VERBS = [
  'post.created',
  'post.edited',
  'post.moved',
  'post.deleted',
  'post.restored',
  'post.approved',
  'post.rejected',
  'post.reverted',
  'author.unsealed',
  'comment.created',
  'comment.edited',
  'comment.deleted',
  'comment.restored',
  'comment.approved',
  'comment.rejected',
  'section.created',
  'section.edited',
  'section.deleted',
  'section.restored',
  'board.edited',
  'board.archived',
  'board.unarchived',
  'board.deleted',
  'board.restored',
  'link.created',
  'link.edited',
  'link.revoked',
  'group.created',
  'group.edited',
  'group.deleted',
  'participant.blocked',
  'participant.unblocked',
  'participant.grouped',
  'report.settled',
  'undone',
] as const;
const known: ReadonlySet<string> = new Set(VERBS);

/** One line of the feed: an act, or all that were done to posts at once. */
export interface Row {
  /** The newest of them. */
  readonly act: Act;
  /** How many posts it was done to. */
  readonly posts: number;
}

/** What was done at once is told once, where the newest of it stands. */
export function rowsOf(acts: readonly Act[]): readonly Row[] {
  const bulks = new Map<string, Act[]>();
  for (const act of acts) if (act.bulk) bulks.set(act.bulk, [...(bulks.get(act.bulk) ?? []), act]);
  return acts.flatMap((act) => {
    const all = act.bulk ? (bulks.get(act.bulk) ?? []) : [];
    if (all.length < 2) return [{ act, posts: 1 }];
    if (all[0] !== act) return [];
    const posts = all.filter(({ kind }) => kind === 'post');
    return [{ act: posts[0] ?? act, posts: posts.length }];
  });
}

/** From when on: ever, the last visit, a day or a week ago. */
export type Since = '' | 'visit' | 'day' | 'week';
const DAY_MS = 86_400_000;

/** The moment of a choice, as RFC 3339; times in milliseconds since 1970. */
export function momentOf(since: Since, visit: number, now: number): string | undefined {
  if (since === '') return undefined;
  const from = { visit: visit + 1, day: now - DAY_MS, week: now - 7 * DAY_MS }[since];
  return new Date(from).toISOString();
}

/** What the log tells to have been done to several posts. */
const MANY: Readonly<Record<string, string>> = {
  'post.deleted': 'deleted',
  'post.moved': 'moved',
  'post.approved': 'approved',
  'post.rejected': 'rejected',
  undone: 'undone',
};

/** « Ada a modifié « Ulysse ». » A verb that this page does not know yet is told as such. */
export function sentenceOf({ act, posts }: Row): string {
  const who = act.actor.name || t('history.somebody');
  if (posts > 1) {
    const done = MANY[act.verb] ?? 'changed';
    return t(`history.many_${done}` as MessageKey, { who, count: posts });
  }
  const verb = known.has(act.verb) ? act.verb.replace('.', '_') : 'other';
  const key = `history.${verb}${act.label ? '' : '_unnamed'}` as MessageKey;
  return t(key, { who, what: act.label });
}
