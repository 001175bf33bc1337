import type { Participant, Post } from '../api/types';
import type { LiveWall } from '../sync/live.svelte';

/** What a person asks for that has a dialog of its own, fetched then. */
export type Task =
  | { readonly kind: 'queue' | 'people' | 'activity' | 'trash' | 'away' }
  | { readonly kind: 'reject' | 'report' | 'unseal' | 'history'; readonly post: Post }
  | { readonly kind: 'kept_off'; readonly who: Participant };

/** What cards offer besides editing and deleting. */
export interface PostTools {
  readonly wall: LiveWall;
  /** Whether there is anything to offer on a post. Reactive. */
  offers(post: Post): boolean;
  /** Whether somebody has reported it and no moderator has seen to that. Reactive. */
  reported(post: Post): boolean;
  /** Whether there is something to say of how it stands, to whoever sees it. Reactive. */
  marked(post: Post): boolean;
  ask(task: Task): void;
}

/** The tools of a wall. `ask` opens the dialog of a task. */
export function toolsOf(wall: LiveWall, ask: (task: Task) => void): PostTools {
  const { session, store } = wall;
  const reported = (post: Post) =>
    store.reports.list.some((one) => one.postId === post.id && !one.commentId && !one.settled);
  return {
    wall,
    offers: (post) =>
      session.moderates || session.may(store.owns(post) ? 'post.edit.own' : 'post.report'),
    reported,
    marked: (post) =>
      post.state !== 'published' ||
      !!post.withheld ||
      // In a section that is hidden: of the others, its author alone is told of it.
      !!(post.sectionId && !store.sections.find(post.sectionId)) ||
      reported(post),
    ask,
  };
}
