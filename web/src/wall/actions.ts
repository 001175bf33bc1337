import type { Media, Post } from '../api/types';
import type { Shaping } from '../layouts/shaping.svelte';
import type { PostTools } from '../moderation/tools';
import type { Writes } from '../queue';

/** What a card may ask of its wall. */
export interface CardActions {
  mayEdit(post: Post): boolean;
  mayRemove(post: Post): boolean;
  isMine(post: Post): boolean;
  /** Opens the composer for a new post; in a section, if it is told. */
  publish(section?: string): void;
  /** What moves and selects posts. */
  readonly shaping?: Shaping | undefined;
  /** Shows a post whole, over the wall; absent where it is. */
  readonly open?: ((id: string) => void) | undefined;
  edit(post: Post): void;
  remove(post: Post): void;
  /** Opens both versions of a post, for the person to choose. */
  compare(post: Post, theirs: Post): void;
  writes(): Promise<Writes>;
  /** What there is besides; absent for none. */
  readonly tools?: PostTools;
  /** Reactive. */
  media(id: string): Media | undefined;
}
