/** One thing done to several posts at once, as the queue of unsent writes keeps it. */
import type { Post } from '../api/types';

export type BulkAct = 'move' | 'delete' | 'colour' | 'approve' | 'reject';

/** With `rev`, the post is left alone when it is at another revision by then. */
export interface BulkItem {
  readonly postId: string;
  readonly rev?: number;
  readonly sectionId?: string;
  readonly order?: string;
}

export interface BulkChange {
  readonly act: BulkAct;
  readonly items: readonly BulkItem[];
  readonly colour?: string;
  readonly reason?: string;
}

/** `id` names the bulk on the server too, where taking it back is asked for by it. */
export type BulkWrite =
  | ({ readonly kind: 'bulk'; readonly id: string } & BulkChange)
  /** `posts` are what comes back, for showing it meanwhile. */
  | { readonly kind: 'unbulk'; readonly id: string; readonly posts: readonly Post[] };

/** The posts that one request may change: what the server takes. */
export const MOST_POSTS = 200;

/** How posts look once a bulk is done, laid over how they look; undefined: not at all. Pure. */
export function laidOver(
  write: BulkWrite,
  shown: (id: string) => Post | undefined,
): Map<string, Post | undefined> {
  if (write.kind === 'unbulk') return new Map(write.posts.map((post) => [post.id, post]));
  return new Map(
    write.items.flatMap((item) => {
      const post = shown(item.postId);
      return post ? [[item.postId, done(write, item, post)] as const] : [];
    }),
  );
}

function done(write: BulkChange, item: BulkItem, post: Post): Post | undefined {
  switch (write.act) {
    case 'delete':
      return undefined;
    case 'move': {
      const { sectionId = post.sectionId, order = post.order } = item;
      return { ...post, order, ...(sectionId === undefined ? {} : { sectionId }) };
    }
    case 'colour':
      return { ...post, colour: write.colour ?? '' };
    case 'approve':
      return { ...post, state: 'published' };
    case 'reject':
      return { ...post, state: 'rejected', reason: write.reason ?? '' };
  }
}
