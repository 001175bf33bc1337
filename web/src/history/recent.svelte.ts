import type { Post } from '../api/types';
import { explain } from '../i18n/explain';
import { language, t } from '../i18n/index.svelte';
import type { LiveWall } from '../sync/live.svelte';
import { toasts } from '../ui/toasts.svelte';
import { nameOf } from '../wall/name';

/** Something that the person has done on this page, and can take back. */
export interface Recent {
  readonly wall: LiveWall;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What taking it back is called. */
  readonly text: () => string;
  readonly undo: () => Promise<unknown>;
  /** Says that it is taken back; nothing where that is seen. */
  readonly undone?: string | undefined;
}

/** As long as the server lets people take back what they did, in milliseconds. */
export const WINDOW_MS = 10 * 60_000;

class Recents {
  /** Oldest first. */
  list = $state.raw<readonly Recent[]>([]);
}

/** What can be taken back, of every wall of this page. */
export const recents = new Recents();

/** Offers for ten minutes to take something back; the answer calls it off. */
export function keep(recent: Omit<Recent, 'at'>): Recent {
  const one = { ...recent, at: Date.now() };
  recents.list = [...recents.list.filter(({ at }) => one.at - at < WINDOW_MS), one];
  return one;
}

export function drop(recent: Recent | undefined): void {
  recents.list = recents.list.filter((one) => one !== recent);
}

/** Takes something back, once; tells whether it did, and says why it could not. */
export async function takeBack(recent: Recent): Promise<boolean> {
  if (!recents.list.includes(recent)) return false;
  drop(recent);
  try {
    await recent.undo();
    if (recent.undone) toasts.show({ text: recent.undone });
    return true;
  } catch (error) {
    toasts.show({ text: t('history.undo_failed', { why: explain(error) }) });
    return false;
  }
}

/** Says that something is done and offers to take it back: at once, and for ten minutes. */
export async function tellDone(
  wall: LiveWall,
  done: string,
  undo: () => Promise<unknown>,
  text = () => t('history.undo_label', { what: done.replace(/[.\s]+$/, '') }),
): Promise<() => void> {
  await language.need('history').catch(() => undefined);
  const recent = keep({ wall, text, undo, undone: t('history.undone_done') });
  const dismiss = toasts.show({
    text: done,
    lasts: 10_000,
    action: { label: t('app.undo'), run: () => void takeBack(recent) },
  });
  return () => {
    drop(recent);
    dismiss();
  };
}

/** Deletes a post, and says how to bring it back. `reveal` brings it into sight. */
export async function remove(
  wall: LiveWall,
  post: Post,
  reveal: (id: string) => Promise<void>,
): Promise<void> {
  await language.need('history').catch(() => undefined);
  const callOff = await tellDone(
    wall,
    t('history.removal_done'),
    async () => {
      await (await wall.writes()).queue.bringBack(post);
      await reveal(post.id);
    },
    () => t('history.bring_back', { title: nameOf(post) }),
  );
  try {
    await (await wall.writes()).queue.remove(post);
  } catch (error) {
    callOff();
    toasts.show({ text: t('history.removal_failed', { why: explain(error) }) });
  }
}
