import type { Section } from '../api/types';
import type { PostCell } from '../sync/store.svelte';

/** A section with its posts; or, under the empty id, the posts of no section. */
export interface Chapter {
  readonly id: string;
  readonly section: Section | undefined;
  /** Whether it has a heading: not where there is nothing to tell it from. */
  readonly titled: boolean;
  /** In the order in which they are shown. */
  readonly cells: readonly PostCell[];
}

/** The posts of no section, or of one that is not for us to see. */
export const LOOSE = '';

/** Sorts a wall's posts into its sections, and keeps what stays as it was. */
export class Grouping {
  #last: readonly Chapter[] = [];

  chapters(cells: readonly PostCell[], sections: readonly Section[]): readonly Chapter[] {
    const by = new Map<string, PostCell[]>([[LOOSE, []]]);
    for (const { id } of sections) by.set(id, []);
    for (const cell of cells) (by.get(cell.place.section) ?? by.get(LOOSE))?.push(cell);
    const loose = by.get(LOOSE) ?? [];
    const alone = sections.length === 0;
    const made: Chapter[] = sections.map((section) => {
      return { id: section.id, section, titled: true, cells: by.get(section.id) ?? [] };
    });
    if (alone || loose.length > 0) {
      made.unshift({ id: LOOSE, section: undefined, titled: !alone, cells: loose });
    }
    const before = new Map(this.#last.map((chapter) => [chapter.id, chapter]));
    this.#last = made.map((chapter) => kept(before.get(chapter.id), chapter));
    return this.#last;
  }
}

/** The former one, or at least its list, where nothing has changed: what shows it then rests. */
function kept(before: Chapter | undefined, now: Chapter): Chapter {
  if (!before || !sameList(before.cells, now.cells)) return now;
  const same = before.section === now.section && before.titled === now.titled;
  return same ? before : { ...now, cells: before.cells };
}

function sameList(a: readonly PostCell[], b: readonly PostCell[]): boolean {
  return a.length === b.length && a.every((cell, i) => cell === b[i]);
}
