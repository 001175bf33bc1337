import type { Media, Post } from '../api/types';

/** What a card may ask of its wall. */
export interface CardActions {
  mayEdit(post: Post): boolean;
  mayRemove(post: Post): boolean;
  isMine(post: Post): boolean;
  edit(post: Post): void;
  remove(post: Post): void;
  /** Reactive. */
  media(id: string): Media | undefined;
}
