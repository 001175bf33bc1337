import type { Post } from '../api/types';
import { t } from '../i18n/index.svelte';
import type { MenuItem } from '../ui/menu';
import type { CardActions } from './actions';

/** One entry of a card's menu: whether it is for this post, and what it is. */
type Entry = (post: Post, actions: CardActions) => MenuItem | undefined;

/** The menu of a card, from its top. What may be done with a post is added here. */
const entries: readonly Entry[] = [
  (post, actions) =>
    actions.mayEdit(post)
      ? { icon: 'edit', text: t('wall.edit'), run: () => actions.edit(post) }
      : undefined,
  (post, actions) =>
    actions.mayRemove(post)
      ? { icon: 'trash', text: t('wall.remove'), danger: true, run: () => actions.remove(post) }
      : undefined,
];

export function cardItems(post: Post, actions: CardActions): readonly MenuItem[] {
  return entries.flatMap((entry) => entry(post, actions) ?? []);
}
