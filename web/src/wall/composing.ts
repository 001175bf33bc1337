import type { Post } from '../api/types';

/** What the composer is open for. */
export type Editing =
  | { readonly kind: 'new' }
  | { readonly kind: 'edit'; readonly post: Post }
  /** An edit that met another: `post` is the person's version, `theirs` the wall's. */
  | { readonly kind: 'compare'; readonly post: Post; readonly theirs: Post };
