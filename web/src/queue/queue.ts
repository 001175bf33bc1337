/**
 * The rules of the queue of unsent writes, as pure functions over the list:
 * what may be folded together before it was ever sent, what is sent next, and
 * what an answer changes.
 */
import { together } from './board-edit';
import type { FileToSend, QueuedWrite, Trouble, Write } from './write';

export type Queue = readonly QueuedWrite[];

/** Bytes of pictures that one participant may keep waiting on one wall. */
export const MOST_BYTES = 60_000_000;

/** Adds a write at the end, folded into what never left this browser. */
export function added(queue: Queue, entry: QueuedWrite): Queue {
  const follows = queue.some((one) => one.write.id === entry.write.id && !one.trouble);
  const write = follows && 'rev' in entry.write ? { ...entry.write, rev: undefined } : entry.write;
  return folded([...queue, { ...entry, write }], write.id);
}

/** The first write that may go: those behind a write in trouble, on the same document, wait for it. */
export function next(queue: Queue): QueuedWrite | undefined {
  const held = new Set<string>();
  for (const entry of queue) {
    if (entry.trouble) held.add(entry.write.id);
    else if (!held.has(entry.write.id)) return entry;
  }
  return undefined;
}

/** Notes, before a write is sent, that it may from now on have reached the server. */
export function attempted(queue: Queue, key: string): Queue {
  return replaced(queue, key, (entry) => ({ ...entry, attempted: true }));
}

/** Notes that the server has every byte of a picture. */
export function uploaded(queue: Queue, mediaId: string): Queue {
  return queue.map((entry) => ({
    ...entry,
    files: entry.files.filter((file) => file.mediaId !== mediaId),
  }));
}

/** Takes out what the server has done, at `rev`: the next write on that document is made on it. */
export function acknowledged(queue: Queue, key: string, rev: number): Queue {
  const done = queue.find((entry) => entry.key === key);
  if (!done) return queue;
  const left = queue.filter((entry) => entry !== done);
  const after = left.find((entry) => entry.write.id === done.write.id);
  if (!after || !('rev' in after.write) || after.write.rev !== undefined) return left;
  const base = seenAfter(done.write, rev);
  return replaced(left, after.key, (entry) => ({ ...entry, write: withRev(entry.write, base) }));
}

/**
 * The revision that the person knows after a write has led to `rev`. A move goes
 * through whatever others have changed, which the person has then not seen.
 */
export function seenAfter(write: Write, rev: number): number {
  if (write.kind !== 'move' || write.rev === undefined) return rev;
  return rev > write.rev + 1 ? write.rev : rev;
}

/** Notes why the server will not do a write: it then stays until the person decides. */
export function refused(queue: Queue, key: string, trouble: Trouble): Queue {
  const entry = queue.find((one) => one.key === key);
  if (!entry) return queue;
  // A refusal is certain: the write did nothing, and may be changed again.
  const marked = replaced(queue, key, (one) => ({ ...one, trouble, attempted: false }));
  return folded(marked, entry.write.id);
}

/** Lets a document's refused writes be sent once more; made on `rev`, when told. */
export function retried(queue: Queue, id: string, rev?: number): Queue {
  return queue.map((entry) => {
    if (entry.write.id !== id || !entry.trouble) return entry;
    const write = rev === undefined ? entry.write : withRev(entry.write, rev);
    return { ...entry, write, trouble: undefined };
  });
}

/**
 * Gives up all that waits for a document. A post that may have reached the
 * wall is then taken off it: what was given up must not appear.
 */
export function dropped(queue: Queue, id: string, withdrawal: QueuedWrite): Queue {
  const left = queue.filter((entry) => entry.write.id !== id);
  const unsure = queue.some(
    ({ write, attempted: sent }) => write.id === id && write.kind === 'create' && sent,
  );
  return unsure ? [...left, withdrawal] : left;
}

/** What waited for a post when it was deleted or given up. */
export interface Before {
  readonly entries: Queue;
  readonly gaveUp: boolean;
}

/**
 * Undoes a deletion, or a giving up: if nothing of it has left this browser, it
 * never happened; else `restore` is sent.
 */
export function broughtBack(queue: Queue, before: Before, restore: QueuedWrite): Queue {
  const { id } = restore.write;
  const now = queue.filter((entry) => entry.write.id === id);
  const nothingSent = now.every((entry) => entry.write.kind === 'delete' && !entry.attempted);
  const [first] = before.entries;
  const withdrawn = first?.write.kind === 'create' && first.attempted;
  if (nothingSent && (now.length > 0 || (before.gaveUp && !withdrawn))) {
    return [...queue.filter((entry) => entry.write.id !== id), ...before.entries];
  }
  return added(queue, restore);
}

/** Turns the edit of a post that is gone into a new post. */
export function renewed(queue: Queue, id: string, newId: string): Queue {
  const left = queue.filter(({ write }) => write.id !== id || write.kind !== 'move');
  return left.map((entry) => {
    const { write } = entry;
    if (write.id !== id || write.kind !== 'edit') return entry;
    return {
      ...entry,
      trouble: undefined,
      write: { kind: 'create', id: newId, draft: write.draft },
    };
  });
}

/** Pictures kept for a queue, in bytes. */
export function bytesOf(queue: Queue): number {
  const sizes = new Map(queue.flatMap(({ files }) => files.map((one) => [one.mediaId, one.size])));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

/** Folds a document's neighbouring writes for as long as that says the same with less. */
function folded(queue: Queue, id: string): Queue {
  const mine: QueuedWrite[] = [];
  for (const entry of queue) {
    if (entry.write.id !== id) continue;
    const before = mine.at(-1);
    const instead = before && !before.attempted ? fold(before, entry) : undefined;
    if (instead) mine.splice(-1, 1, ...instead);
    else mine.push(entry);
  }
  const kept = new Map(mine.map((entry) => [entry.key, entry]));
  return queue.flatMap((entry) => {
    if (entry.write.id !== id) return [entry];
    const stays = kept.get(entry.key);
    return stays ? [stays] : [];
  });
}

/** What two writes become when the first never reached the server; undefined: they stay two. */
function fold(first: QueuedWrite, then: QueuedWrite): QueuedWrite[] | undefined {
  const a = first.write;
  const b = then.write;
  if (b.kind === 'board' && a.kind === 'board') {
    return [
      over(first, then, { ...b, changes: together(a.changes, b.changes), rev: latest(a, b) }),
    ];
  }
  // Put away and taken out again is as it was.
  if (b.kind === 'archive' && a.kind === 'archive') return b.archived === a.archived ? [first] : [];
  if (b.kind === 'move') {
    if (a.kind !== 'move') return undefined;
    return [over(first, then, { ...b, to: { ...a.to, ...b.to }, rev: latest(a, b) })];
  }
  if (b.kind === 'delete' && a.kind === 'move') return [rebased(then, a)];
  if (b.kind === 'edit' && a.kind === 'create')
    return [over(first, then, { ...a, draft: b.draft })];
  if (b.kind === 'edit' && a.kind === 'edit')
    return [over(first, then, { ...b, rev: latest(a, b) })];
  const talk = foldTalk(first, then);
  if (talk) return talk;
  if (b.kind === 'delete' && a.kind === 'create') return [];
  if (b.kind === 'restore' && a.kind === 'delete') return [];
  if (b.kind === 'unbulk' && a.kind === 'bulk') return [];
  if (b.kind === 'delete' && a.kind === 'restore') return [];
  // The person has moved on from what was refused.
  if (first.trouble) return [rebased(then, a)];
  return undefined;
}

/** The same of what is said and given. */
function foldTalk(first: QueuedWrite, then: QueuedWrite): QueuedWrite[] | undefined {
  const a = first.write;
  const b = then.write;
  if (b.kind === 'react') return [over(first, then, b)];
  if (b.kind === 'comment_edit' && a.kind === 'comment')
    return [over(first, then, { ...a, said: { ...a.said, body: b.body } })];
  if (b.kind === 'comment_edit' && a.kind === 'comment_edit')
    return [over(first, then, { ...b, rev: latest(a, b) })];
  if (b.kind === 'comment_delete' && (a.kind === 'comment' || a.kind === 'comment_restore'))
    return [];
  if (b.kind === 'comment_restore' && a.kind === 'comment_delete') return [];
  return undefined;
}

/** The first entry, in its place in the queue, with another write. */
function over(first: QueuedWrite, then: QueuedWrite, write: Write): QueuedWrite {
  const shown = new Set(mediaOf(write));
  const files = new Map<string, FileToSend>();
  for (const file of [...first.files, ...then.files]) {
    if (shown.has(file.mediaId)) files.set(file.mediaId, file);
  }
  return { ...first, write, files: [...files.values()], trouble: then.trouble };
}

/** Without the write that it followed, a write is made on what that one was made on. */
function rebased(entry: QueuedWrite, before: Write): QueuedWrite {
  const { write } = entry;
  if (!('rev' in write) || write.rev !== undefined || !('rev' in before)) return entry;
  return { ...entry, write: withRev(write, before.rev) };
}

function latest(a: { rev: number | undefined }, b: { rev: number | undefined }) {
  return a.rev === undefined || b.rev === undefined ? a.rev : Math.max(a.rev, b.rev);
}

function mediaOf(write: Write): string[] {
  if (write.kind === 'board') {
    const { mediaId } = write.changes.settings?.background ?? {};
    return mediaId ? [mediaId] : [];
  }
  if (!('draft' in write)) return [];
  return write.draft.attachments.flatMap(({ mediaId }) => mediaId ?? []);
}

function withRev(write: Write, rev: number | undefined): Write {
  return 'rev' in write ? { ...write, rev } : write;
}

function replaced(queue: Queue, key: string, change: (entry: QueuedWrite) => QueuedWrite): Queue {
  return queue.map((entry) => (entry.key === key ? change(entry) : entry));
}
