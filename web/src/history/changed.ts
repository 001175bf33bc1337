import type { Act } from '../api/types';
import { type MessageKey, t } from '../i18n/index.svelte';

/** What settings and fields are called where they are chosen. */
const BOARD: Readonly<Record<string, MessageKey>> = {
  title: 'settings.board_title',
  description: 'settings.board_description',
  language: 'settings.language',
  presenceHidden: 'settings.presence',
  layout: 'settings.layout',
  sort: 'settings.sort',
  newLast: 'settings.new',
  background: 'settings.background',
  plainPosts: 'settings.post_colours',
  post: 'settings.may_post',
  comment: 'settings.may_comment',
  react: 'settings.may_react',
  editOthers: 'settings.may_editOthers',
  reactions: 'settings.reactions',
  votesEach: 'settings.votes_each',
  required: 'settings.required',
  kinds: 'settings.kinds',
  postsEach: 'settings.posts_each',
  maxLength: 'settings.max_length',
  moderation: 'settings.moderation_who',
  words: 'settings.words',
  anonymity: 'settings.anonymity_who',
  groups: 'settings.groups_who',
  freezeAt: 'settings.freeze',
  openFrom: 'settings.open_from',
  openUntil: 'settings.open_until',
};
const SECTION: Readonly<Record<string, MessageKey>> = {
  title: 'sections.title',
  description: 'settings.board_description',
  colour: 'sections.colour',
  locked: 'sections.lock',
  '-locked': 'sections.unlock',
  hidden: 'sections.hide',
  '-hidden': 'sections.show',
};

/** What an edit of the wall or a section has changed, in the words of where that is done; empty when nobody can tell. */
export function changedBy({ kind, changed = [] }: Act): string {
  const names = changed.flatMap((name) => {
    const key = kind === 'section' ? SECTION[name] : BOARD[name.replace(/^-/, '')];
    return key ? [t(key)] : [];
  });
  return names.join(' · ');
}
