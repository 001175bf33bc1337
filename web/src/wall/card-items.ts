import type { Post } from '../api/types';
import { language, t } from '../i18n/index.svelte';
import { icons } from '../layouts/icons';
import type { MenuItem } from '../ui/menu';
import { more } from '../ui/more-icons';
import type { CardActions } from './actions';

/** One entry of a card's menu: whether it is for this post, and what it is. */
type Entry = (post: Post, actions: CardActions) => MenuItem | undefined;

/** The menu of a card, from its top. What may be done with a post is added here. */
const entries: readonly Entry[] = [
  (post, actions) =>
    actions.mayEdit(post)
      ? { icon: 'edit', text: t('wall.edit'), run: () => actions.edit(post) }
      : undefined,
  (post, { open }) => open && { icon: more.full, text: t('wall.open'), run: () => open(post.id) },
  (post, { shaping }) =>
    shaping?.mayMove(post)
      ? {
          icon: icons.move,
          text: t('wall.move'),
          run: () => {
            shaping.asked = { kind: 'move', ids: [post.id] };
          },
        }
      : undefined,
  (post, actions) =>
    actions.mayRemove(post)
      ? { icon: 'trash', text: t('wall.remove'), danger: true, run: () => actions.remove(post) }
      : undefined,
];

export async function cardItems(post: Post, actions: CardActions): Promise<readonly MenuItem[]> {
  const items = entries.flatMap((entry) => entry(post, actions) ?? []);
  const { tools } = actions;
  if (!tools?.offers(post)) return items;
  const [{ toolItems }] = await Promise.all([
    import('../moderation/post-items'),
    language.need('moderation'),
  ]);
  return [...items, ...toolItems(post, tools)];
}
