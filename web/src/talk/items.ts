import type { Comment } from '../api/types';
import { t } from '../i18n/index.svelte';
import { icons } from '../moderation/icons';
import type { LiveWall } from '../sync/live.svelte';
import type { MenuItem } from '../ui/menu';
import { more } from '../ui/more-icons';
import { TalkApi } from './api';
import { attempt, type Tell } from './telling';

/** What has a dialog of its own. */
export type Asked = 'reject' | 'report' | 'unseal' | 'kept_off';

/** What a comment's menu may ask of where it is shown. */
export interface Tools {
  readonly wall: LiveWall;
  edit(): void;
  ask(what: Asked): void;
  readonly tell: Tell;
}

/** One entry, for those who may; undefined where there is nothing to do. */
type Entry = (comment: Comment, tools: Tools) => MenuItem | undefined;

const entries: readonly Entry[] = [
  (comment, { wall, edit }) =>
    wall.store.owns(comment) && wall.session.may('comment.edit.own')
      ? { icon: 'edit', text: t('wall.edit'), run: edit }
      : undefined,
  ({ id, state }, { wall, tell }) => {
    if (!wall.session.may('post.moderate') || state === 'published') return undefined;
    const run = () => void attempt(tell, () => new TalkApi(wall).approve(id), t('talk.approved'));
    return { icon: more.check, text: t('moderation.approve'), run };
  },
  ({ state }, { wall, ask }) =>
    wall.session.may('post.moderate') && state !== 'rejected'
      ? { icon: icons.reject, text: t('moderation.reject'), run: () => ask('reject') }
      : undefined,
  ({ id }, { wall, tell }) => {
    const reported = wall.store.reports.list.some((one) => one.commentId === id && !one.settled);
    if (!wall.session.may('post.moderate') || !reported) return undefined;
    const run = () =>
      void attempt(tell, () => new TalkApi(wall).settle(id), t('moderation.settled'));
    return { icon: icons.flag, text: t('moderation.settle'), run };
  },
  (comment, { wall, ask }) =>
    !wall.session.moderates && !wall.store.owns(comment) && wall.session.may('post.report')
      ? { icon: icons.flag, text: t('moderation.report'), run: () => ask('report') }
      : undefined,
  ({ id, author }, { wall, tell, ask }) => {
    // Who is anonymous to trainers too is not blocked: the list of people would name them.
    const may = wall.session.may('people.block') && !author.trainer && !author.anonymous;
    if (!may) return undefined;
    const block = async () => {
      await new TalkApi(wall).blockAuthor(id);
      ask('kept_off');
    };
    const run = () => void attempt(tell, block, t('moderation.block_author_done'));
    return { icon: icons.block, text: t('moderation.block_author'), danger: true, run };
  },
  ({ author }, { wall, ask }) =>
    wall.session.may('author.unseal') && author.anonymous
      ? { icon: icons.mask, text: t('moderation.unseal'), run: () => ask('unseal') }
      : undefined,
  (comment, { wall, tell }) => {
    const own = wall.store.owns(comment) && wall.session.may('comment.delete.own');
    if (!own && !wall.session.may('comment.delete.any')) return undefined;
    const run = () => remove(wall, comment, tell);
    return { icon: 'trash', text: t('wall.remove'), danger: true, run };
  },
];

export function itemsOf(comment: Comment, tools: Tools): readonly MenuItem[] {
  return entries.flatMap((entry) => entry(comment, tools) ?? []);
}

/** Deletes a comment, and says how to bring it back. */
function remove(wall: LiveWall, comment: Comment, tell: Tell): void {
  const { id, postId: on } = comment;
  const queue = async () => (await wall.writes()).queue;
  const away = async () => (await queue()).add({ kind: 'comment_delete', id, on });
  const back = async () => (await queue()).add({ kind: 'comment_restore', id, on, comment });
  void attempt(tell, away, t('talk.removed'), back);
}
