import { t } from '../i18n/index.svelte';
import type { LiveWall } from '../sync/live.svelte';
import { LOOSE } from './groups';
import { byHand, cellsOf, chapterOf, entry, move } from './moving';
import type { Shaping } from './shaping.svelte';

const STEPS: Readonly<Record<string, readonly [sideways: number, along: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Whether a key moves the card that has the focus. */
export function moves(event: KeyboardEvent): boolean {
  const card = (event.target as Element).matches?.('[data-post]');
  return card && event.altKey && !event.ctrlKey && !event.metaKey && event.key in STEPS;
}

/** Moves a post by a key; gives the words that tell of it. */
export async function moveByKey(
  wall: LiveWall,
  shaping: Shaping,
  id: string,
  key: string,
): Promise<string> {
  const cell = wall.store.post(id);
  const [sideways, along] = STEPS[key] ?? [0, 0];
  if (!cell) return '';
  if (!shaping.mayMove(cell.doc)) return t('sections.move_not_yours');
  const from = chapterOf(wall, cell);
  const sections = wall.store.sections.list;
  let section = from;
  if (sideways !== 0) {
    const places = [LOOSE, ...sections.map((one) => one.id)];
    let at = places.indexOf(from) + sideways;
    while (places[at] !== undefined && !shaping.mayEnter(places[at])) at += sideways;
    const next = places[at];
    if (next === undefined || sections.length === 0) return t('sections.no_further');
    section = next;
    await move(wall, [id], entry(wall, section, new Set([id])));
  } else {
    if (!byHand(wall)) return t('sections.sorted');
    const cells = cellsOf(wall, from);
    const index = cells.indexOf(cell) + along;
    if (index < 0 || index >= cells.length) return t('sections.no_further');
    await move(wall, [id], { section, index });
  }
  const now = cellsOf(wall, section);
  return t('sections.placed', {
    section: wall.store.sections.find(section)?.title ?? t('sections.none'),
    place: now.indexOf(cell) + 1,
    count: now.length,
  });
}
