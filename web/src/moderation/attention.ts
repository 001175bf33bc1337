import type { Post, Report } from '../api/types';
import type { WallStore } from '../sync/store.svelte';

/** A post that a moderator is to look at. */
export interface Case {
  readonly post: Post;
  /** Those that nobody has seen to. */
  readonly reports: readonly Report[];
}

/** What waits for a moderator, the longest first: pending posts and reported ones. Reactive. */
export function casesOf(store: WallStore): Case[] {
  const reports = new Map<string, Report[]>();
  for (const report of store.reports.list) {
    if (!report.settled)
      reports.set(report.postId, [...(reports.get(report.postId) ?? []), report]);
  }
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
