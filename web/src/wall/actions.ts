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

/** Whether a post's menu would hold anything for the person. Reactive. */
export function hasMenu(post: Post, { mayEdit, mayRemove, shaping, tools }: CardActions): boolean {
  return mayEdit(post) || mayRemove(post) || !!shaping?.mayMove(post) || !!tools?.offers(post);
}
