import { explain } from '../i18n/explain';
import { t } from '../i18n/index.svelte';
import type { Destination } from '../queue/write';
import type { LiveWall } from '../sync/live.svelte';
import type { PostCell } from '../sync/store.svelte';
import { uuidv7 } from '../sync/uuid';
import { toasts } from '../ui/toasts.svelte';
import { LOOSE } from './groups';
import { ordersAt, type Spot } from './place';

/** The section in which a post is shown. */
export function chapterOf(wall: LiveWall, cell: PostCell): string {
  return wall.store.sections.find(cell.place.section) ? cell.place.section : LOOSE;
}

/** The posts of a section as everybody has them, whatever is looked for. */
export function cellsOf(wall: LiveWall, section: string): PostCell[] {
  return wall.store.order.filter((cell) => chapterOf(wall, cell) === section);
}

export function byHand(wall: LiveWall): boolean {
  return wall.store.board?.settings.sort === 'manual';
}

/** Where new posts come in a section. */
export function entry(wall: LiveWall, section: string, without: ReadonlySet<string>): Spot {
  const others = cellsOf(wall, section).filter(({ id }) => !without.has(id));
  return { section, index: wall.store.board?.settings.newLast ? others.length : 0 };
}

interface Moved {
  readonly id: string;
  readonly to: Destination;
}

/**
 * Moves posts, in the order in which they are shown, to a place; shown at once,
 * sent when that can be. Gives what undoes it.
 */
export async function move(wall: LiveWall, ids: readonly string[], spot: Spot): Promise<Moved[]> {
  const all = new Set(ids);
  const cells = wall.store.order.filter(({ id }) => all.has(id));
  const others = cellsOf(wall, spot.section).filter(({ id }) => !all.has(id));
  const newLast = wall.store.board?.settings.newLast ?? false;
  const orders = byHand(wall) ? ordersAt(others, spot.index, cells.length, newLast) : [];
  const back = cells.map(({ id, place }) => {
    const order = place.order === '' ? {} : { order: place.order };
    return { id, to: { sectionId: place.section, ...order } };
  });
  const moves = cells.map((cell, i) => {
    const order = orders[i] === undefined ? {} : { order: orders[i] };
    const stays = chapterOf(wall, cell) === spot.section;
    return { id: cell.id, to: { ...(stays ? {} : { sectionId: spot.section }), ...order } };
  });
  await send(
    wall,
    moves.filter(({ to }) => Object.keys(to).length > 0),
  );
  return back;
}

/** Tells that posts have been moved, and offers to undo it. */
export function tellMoved(wall: LiveWall, back: readonly Moved[], shown: () => void): void {
  toasts.show({
    text: t('sections.moved', { count: back.length }),
    lasts: 10_000,
    action: {
      label: t('app.undo'),
      run: () => void send(wall, back).then(shown),
    },
  });
}

async function send(wall: LiveWall, moves: readonly Moved[]): Promise<void> {
  try {
    const { queue } = await wall.writes();
    const [only] = moves;
    if (!only) return;
    // One post waits, and is shown to wait, for itself; several go together.
    if (moves.length === 1) {
      const rev = wall.store.post(only.id)?.doc.rev;
      return await queue.add({ kind: 'move', ...only, rev });
    }
    const items = moves.map(({ id, to }) => ({ postId: id, ...to }));
    await queue.add({ kind: 'bulk', id: uuidv7(), act: 'move', items });
  } catch (error) {
    toasts.show({ text: t('sections.move_failed', { why: explain(error) }) });
  }
}
