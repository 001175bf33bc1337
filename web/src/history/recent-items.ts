import { clock } from '../device/clock.svelte';
import type { LiveWall } from '../sync/live.svelte';
import type { MenuItem } from '../ui/menu';
import { more } from '../ui/more-icons';
import { recents, takeBack, WINDOW_MS } from './recent.svelte';

/** What can still be taken back of a wall, the latest first. */
export function recentItems(wall: LiveWall): readonly MenuItem[] {
  return recents.list
    .filter((one) => one.wall === wall && clock.now - one.at < WINDOW_MS)
    .toReversed()
    .map((one) => ({ icon: more.undo, text: one.text(), run: () => void takeBack(one) }));
}
