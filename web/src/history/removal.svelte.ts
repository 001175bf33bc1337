import type { Post } from '../api/types';
import { explain } from '../i18n/explain';
import { language, t } from '../i18n/index.svelte';
import type { LiveWall } from '../sync/live.svelte';
import { toasts } from '../ui/toasts.svelte';

/** A post that the person has deleted on this page. */
export interface Removal {
  readonly wall: LiveWall;
  readonly post: Post;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Brings a post into sight. */
  readonly reveal: (id: string) => Promise<void>;
}

/** As long as the server lets authors take a deletion back, in milliseconds. */
export const WINDOW_MS = 10 * 60_000;

class Removals {
  /** Oldest first. */
  list = $state.raw<readonly Removal[]>([]);
}

/** What can be brought back, of every wall of this page. */
export const removals = new Removals();

/** Deletes a post, and says how to bring it back. */
export async function remove(wall: LiveWall, post: Post, reveal: Removal['reveal']): Promise<void> {
  await language.need('history').catch(() => undefined);
  const removal = { wall, post, at: Date.now(), reveal };
  const dismiss = toasts.show({
    text: t('history.removal_done'),
    lasts: 10_000,
    action: { label: t('app.undo'), run: () => void bringBack(removal) },
  });
  const { at } = removal;
  removals.list = [...removals.list.filter((one) => at - one.at < WINDOW_MS), removal];
  try {
    await (await wall.writes()).queue.remove(post);
  } catch (error) {
    drop(removal);
    dismiss();
    toasts.show({ text: t('history.removal_failed', { why: explain(error) }) });
  }
}

export async function bringBack(removal: Removal): Promise<void> {
  const { wall, post, reveal } = removal;
  drop(removal);
  try {
    await (await wall.writes()).queue.bringBack(post);
    await reveal(post.id);
  } catch (error) {
    toasts.show({ text: t('history.restore_failed', { why: explain(error) }) });
  }
}

function drop(removal: Removal): void {
  removals.list = removals.list.filter((one) => one !== removal);
}
