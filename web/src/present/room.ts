import type { PostCell, WallStore } from '../sync/store.svelte';

/**
 * What a room is shown of posts: those that everybody on the wall may see. A
 * trainer's screen also has what waits for them, what they have refused and what
 * they hide, and all look at it.
 */
export function forRoom(cells: readonly PostCell[], { sections }: WallStore): PostCell[] {
  return cells.filter(
    ({ doc }) =>
      doc.state === 'published' && !doc.withheld && !sections.find(doc.sectionId)?.hidden,
  );
}
