import type { Post } from '../api/types';
import { t } from '../i18n/index.svelte';
import type { MenuItem } from '../ui/menu';
import { more } from '../ui/more-icons';
import { approve, blockAuthor, settle } from './api';
import { icons } from './icons';
import type { PostTools } from './tools';

/** One entry, for those who may; undefined where there is nothing to do. */
type Entry = (post: Post, tools: PostTools) => MenuItem | undefined;

/** What may be done with a post besides editing it. A new thing is an entry here. */
const entries: readonly Entry[] = [
  (post, { wall }) => {
    if (!wall.session.may('post.moderate') || post.state === 'published') return undefined;
    const run = () => approve(wall, post);
    return { icon: more.check, text: t('moderation.approve'), run };
  },
  (post, { wall, ask }) =>
    wall.session.may('post.moderate') && post.state !== 'rejected'
      ? {
          icon: icons.reject,
          text: t('moderation.reject'),
          run: () => ask({ kind: 'reject', post }),
        }
      : undefined,
  (post, { wall, reported }) => {
    if (!wall.session.may('post.moderate') || !reported(post)) return undefined;
    const run = () => settle(wall, post.id);
    return { icon: icons.flag, text: t('moderation.settle'), run };
  },
  (post, { wall, ask }) =>
    !wall.session.moderates && !wall.store.owns(post) && wall.session.may('post.report')
      ? { icon: icons.flag, text: t('moderation.report'), run: () => ask({ kind: 'report', post }) }
      : undefined,
  (post, { wall, ask }) =>
    wall.session.moderates || (wall.store.owns(post) && wall.session.may('post.edit.own'))
      ? {
          icon: icons.history,
          text: t('moderation.history'),
          run: () => ask({ kind: 'history', post }),
        }
      : undefined,
  (post, tools) => {
    const { wall } = tools;
    // Who is anonymous to trainers too is not blocked: the list of people would name them.
    const may = wall.session.may('people.block') && !post.author.trainer && !post.author.anonymous;
    if (!may) return undefined;
    const run = () => blockAuthor(tools, post);
    return { icon: icons.block, text: t('moderation.block_author'), danger: true, run };
  },
  (post, { wall, ask }) =>
    wall.session.may('author.unseal') && post.author.anonymous
      ? { icon: icons.mask, text: t('moderation.unseal'), run: () => ask({ kind: 'unseal', post }) }
      : undefined,
];

export function toolItems(post: Post, tools: PostTools): readonly MenuItem[] {
  return entries.flatMap((entry) => entry(post, tools) ?? []);
}
