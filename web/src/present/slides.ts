import type { Chapter } from '../layouts/groups';
import type { PostCell } from '../sync/store.svelte';

/** One picture of a slideshow: a section's title, or a post. */
export type Slide =
  | { readonly key: string; readonly kind: 'section'; readonly chapter: Chapter }
  | {
      readonly key: string;
      readonly kind: 'post';
      readonly cell: PostCell;
      readonly chapter: Chapter;
    };

/** A wall as a slideshow: by section, in the wall's order. */
export function slidesOf(chapters: readonly Chapter[]): Slide[] {
  return chapters.flatMap((chapter): Slide[] => {
    const posts = chapter.cells.map(
      (cell): Slide => ({ key: cell.id, kind: 'post', cell, chapter }),
    );
    const title: Slide = { key: `section ${chapter.id}`, kind: 'section', chapter };
    return chapter.titled && chapter.cells.length > 0 ? [title, ...posts] : posts;
  });
}

/**
 * Where one is in a slideshow that changes meanwhile: at the same slide; where
 * it was, if it is gone.
 */
export function placeOf(slides: readonly Slide[], key: string | undefined, last: number): number {
  const at = slides.findIndex((slide) => slide.key === key);
  return at >= 0 ? at : Math.max(0, Math.min(last, slides.length - 1));
}
