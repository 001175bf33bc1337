import type { Act } from '../api/types';
import { type MessageKey, t } from '../i18n/index.svelte';

/** What acts are about, as the feed is filtered. A new kind of document is a line here. */
export const ABOUT = {
  post: ['post', 'report'],
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

/** Whether an act is of what is looked at. */
export function isAbout(act: Act, about: About | ''): boolean {
  return about === '' || (ABOUT[about] as readonly string[]).includes(act.kind);
}

/** « Ada a modifié « Ulysse ». » A verb that this page does not know yet is told as such. */
export function sentenceOf(act: Act): string {
  const verb = known.has(act.verb) ? act.verb.replace('.', '_') : 'other';
  const key = `history.${verb}${act.label ? '' : '_unnamed'}` as MessageKey;
  const who = act.actor.name || t('history.somebody');
  return t(key, { who, what: act.label });
}
