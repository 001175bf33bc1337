import type { Comment, Post, Report } from '../api/types';
import type { WallStore } from '../sync/store.svelte';

/** A post that a moderator is to look at. */
export interface Case {
  readonly post: Post;
  /** Those that nobody has seen to. */
  readonly reports: readonly Report[];
}

/** The same of a comment, and the post that it is on. */
export interface CommentCase {
  readonly comment: Comment;
  readonly post: Post;
  readonly reports: readonly Report[];
}

/** Those that nobody has seen to, by what they are about. */
function unsettled(store: WallStore): Map<string, Report[]> {
  const reports = new Map<string, Report[]>();
  for (const report of store.reports.list) {
    const about = report.commentId ?? report.postId;
    if (!report.settled) reports.set(about, [...(reports.get(about) ?? []), report]);
  }
  return reports;
}

/** What waits for a moderator, the longest first: pending comments and reported ones. Reactive. */
export function commentCasesOf(store: WallStore): CommentCase[] {
  const reports = unsettled(store);
  return store.comments.list.flatMap((comment) => {
    const found = reports.get(comment.id) ?? [];
    const cell = store.post(comment.postId);
    if (!cell?.live || (comment.state !== 'pending' && found.length === 0)) return [];
    return [{ comment, post: cell.doc, reports: found }];
  });
}

/** What waits for a moderator, the longest first: pending posts and reported ones. Reactive. */
export function casesOf(store: WallStore): Case[] {
  const reports = unsettled(store);
  const cases: Case[] = [];
  for (const cell of [...store.order, ...store.waiting]) {
    const { doc: post, told } = cell;
    const found = reports.get(cell.id) ?? [];
    if (told && !told.deleted && (post.state === 'pending' || found.length > 0)) {
      cases.push({ post, reports: found });
    }
  }
  // Times are written with as many digits as they need: their text does not sort.
  return cases.sort((a, b) => timeOf(a) - timeOf(b) || (a.post.id < b.post.id ? -1 : 1));
}

function timeOf({ post }: Case): number {
  return Date.parse(post.createdAt);
}
