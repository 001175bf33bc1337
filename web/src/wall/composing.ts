import type { Post } from '../api/types';

/** What the composer is open for. */
export type Editing =
  /** In a section and at a place there, if they are told. */
  | {
      readonly kind: 'new';
      readonly section?: string | undefined;
      readonly order?: string | undefined;
      /** What was dropped or pasted on the wall. */
      readonly files?: readonly File[] | undefined;
      readonly url?: string | undefined;
    }
  | { readonly kind: 'edit'; readonly post: Post }
  /** An edit that met another: `post` is the person's version, `theirs` the wall's. */
  | { readonly kind: 'compare'; readonly post: Post; readonly theirs: Post };
