import type { Author, Post } from '../api/types';
import type { PostDraft } from '../composer-seam';

/** What the composer is open for. */
export type Editing =
  | { readonly kind: 'new' }
  | { readonly kind: 'edit'; readonly post: Post; readonly rev: number }
  /** A post that never reached the wall, opened again under its own id. */
  | { readonly kind: 'unsent'; readonly id: string; readonly post: Post };

/** A draft in the shape of a post, for the composer to open. */
export function draftOf(id: string, draft: PostDraft, author: Author | undefined): Post {
  const now = new Date().toISOString();
  return {
    id,
    rev: 0,
    createdAt: now,
    updatedAt: now,
    author: author ?? { id: '', name: '' },
    ...draft,
  };
}
