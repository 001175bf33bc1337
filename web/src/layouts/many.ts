import { drop, keep, tellDone } from '../history/recent.svelte';
import { explain } from '../i18n/explain';
import { t } from '../i18n/index.svelte';
import { type BulkChange, MOST_POSTS } from '../queue/bulk';
import type { LiveWall } from '../sync/live.svelte';
import { uuidv7 } from '../sync/uuid';
import { toasts } from '../ui/toasts.svelte';

/** What is being done to several posts. */
interface Begun {
  /** Resolves when it is done, or safe to be done later; rejects with an `ApiProblem`. */
  readonly done: Promise<unknown>;
  undo(): Promise<unknown>;
}

/** Does one thing to several posts: shown at once, sent when that can be, taken back together. */
function begin(wall: LiveWall, { items, ...change }: BulkChange): Begun {
  const parts = Array.from({ length: Math.ceil(items.length / MOST_POSTS) }, (_, n) => {
    const some = items.slice(n * MOST_POSTS, (n + 1) * MOST_POSTS);
    const before = some.flatMap(({ postId }) => wall.store.post(postId)?.doc ?? []);
    return { id: uuidv7(), items: some, before };
  });
  return {
    done: wall
      .writes()
      .then(({ queue }) =>
        Promise.all(
          parts.map(({ id, items: some }) =>
            queue.add({ kind: 'bulk', id, ...change, items: some }),
          ),
        ),
      ),
    undo: async () => {
      const { queue } = await wall.writes();
      await Promise.all(parts.map(({ id, before }) => queue.undoBulk(id, before)));
    },
  };
}

/** As `begin`, with a message that offers to take it back; so does the bar, for ten minutes. */
export async function doToAll(
  wall: LiveWall,
  change: BulkChange,
  done: string,
  undone?: () => void,
): Promise<void> {
  const begun = begin(wall, change);
  const callOff = tellDone(wall, done, () => begun.undo().then(undone));
  try {
    await begun.done;
  } catch (error) {
    (await callOff)();
    toasts.show({ text: t('queue.bulk_lost', { why: explain(error) }) });
  }
  await callOff;
}

/** As `begin`, for who tells it themselves: gives what takes it back. */
export async function doQuietly(
  wall: LiveWall,
  change: BulkChange,
  text: () => string,
): Promise<() => Promise<unknown>> {
  const begun = begin(wall, change);
  await begun.done;
  const recent = keep({ wall, text, undo: begun.undo });
  return () => {
    drop(recent);
    return begun.undo();
  };
}
