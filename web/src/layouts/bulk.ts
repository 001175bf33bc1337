import { explain } from '../i18n/explain';
import { language, t } from '../i18n/index.svelte';
import type { LiveWall } from '../sync/live.svelte';
import type { PostCell } from '../sync/store.svelte';
import type { IconName } from '../ui/icons';
import { toasts } from '../ui/toasts.svelte';
import type { CardActions } from '../wall/actions';
import { icons } from './icons';
import type { Shaping } from './shaping.svelte';

export interface BulkContext {
  readonly wall: LiveWall;
  readonly actions: CardActions;
  readonly shaping: Shaping;
}

/** One thing that is done to all selected posts at once. */
export interface BulkAction {
  readonly icon: IconName;
  readonly danger?: boolean;
  text(): string;
  /** Whether it may be done to a post; the action is offered when it may to one of them. */
  may(cell: PostCell, context: BulkContext): boolean;
  /** Only told of those to which it may be done. */
  run(cells: readonly PostCell[], context: BulkContext): void | Promise<void>;
}

/** What the bar of a selection offers. More is added here. */
export const bulkActions: BulkAction[] = [
  {
    icon: icons.move,
    text: () => t('wall.move'),
    may: ({ doc }, { shaping }) => shaping.mayMove(doc),
    run: (cells, { shaping }) => {
      shaping.asked = { kind: 'move', ids: cells.map(({ id }) => id) };
    },
  },
  {
    icon: 'trash',
    danger: true,
    text: () => t('wall.remove'),
    may: ({ doc }, { actions }) => actions.mayRemove(doc),
    run: removeAll,
  },
];

async function removeAll(cells: readonly PostCell[], { wall, shaping }: BulkContext) {
  const posts = cells.map(({ doc }) => doc);
  shaping.unselect();
  const failed = (why: unknown) =>
    void language
      .need('history')
      .then(() => toasts.show({ text: t('history.removal_failed', { why: explain(why) }) }));
  try {
    const { queue } = await wall.writes();
    toasts.show({
      text: t('sections.removed_posts', { count: posts.length }),
      lasts: 10_000,
      action: {
        label: t('app.undo'),
        run: () => void Promise.all(posts.map((post) => queue.bringBack(post))).catch(failed),
      },
    });
    await Promise.all(posts.map((post) => queue.remove(post)));
  } catch (error) {
    failed(error);
  }
}
