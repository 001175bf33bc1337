import { t } from '../i18n/index.svelte';
import { icons as desk } from '../moderation/icons';
import type { LiveWall } from '../sync/live.svelte';
import type { PostCell } from '../sync/store.svelte';
import type { IconName } from '../ui/icons';
import { more } from '../ui/more-icons';
import type { CardActions } from '../wall/actions';
import { icons } from './icons';
import { doToAll } from './many';
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
  /** Whether it is offered only when there is a post to which it may be done. */
  readonly rare?: boolean;
  text(): string;
  /** Whether it may be done to a post; the action is offered when it may to one of them. */
  may(cell: PostCell, context: BulkContext): boolean;
  /** Only told of those to which it may be done. */
  run(cells: readonly PostCell[], context: BulkContext): void;
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
    icon: icons.colour,
    text: () => t('sections.recolour'),
    may: ({ doc }, { actions }) => actions.mayEdit(doc),
    run: recolour,
  },
  {
    icon: more.check,
    rare: true,
    text: () => t('sections.approve'),
    may: ({ doc }, context) => moderates(context) && doc.state !== 'published',
    run: approveAll,
  },
  {
    icon: desk.reject,
    rare: true,
    text: () => t('sections.reject'),
    may: ({ doc }, context) => moderates(context) && doc.state !== 'rejected',
    run: rejectAll,
  },
  {
    icon: 'trash',
    danger: true,
    text: () => t('wall.remove'),
    may: ({ doc }, { actions }) => actions.mayRemove(doc),
    run: removeAll,
  },
];

const moderates = ({ wall }: BulkContext) => wall.session.may('post.moderate');

function recolour(cells: readonly PostCell[], { shaping }: BulkContext) {
  shaping.asked = { kind: 'colour', ids: cells.map(({ id }) => id) };
}

function approveAll(cells: readonly PostCell[], { wall, shaping }: BulkContext) {
  shaping.unselect();
  // What was looked at is approved, and nothing that has come of it since.
  const items = cells.map(({ id, doc }) => ({ postId: id, rev: doc.rev }));
  const done = t('sections.approved_posts', { count: cells.length });
  void doToAll(wall, { act: 'approve', items }, done);
}

function rejectAll(cells: readonly PostCell[], { shaping }: BulkContext) {
  shaping.asked = { kind: 'reject', ids: cells.map(({ id }) => id) };
}

function removeAll(cells: readonly PostCell[], { wall, shaping }: BulkContext) {
  shaping.unselect();
  const items = cells.map(({ id }) => ({ postId: id }));
  const done = t('sections.removed_posts', { count: cells.length });
  void doToAll(wall, { act: 'delete', items }, done);
}
