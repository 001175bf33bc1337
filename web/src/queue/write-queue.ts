import { ApiProblem } from '../api/problem';
import type { Change, Post } from '../api/types';
import { t } from '../i18n/index.svelte';
import { uuidv7 } from '../sync/uuid';
import { type KeptFile, MemoryKeep, type QueueKeep } from './keep';
import {
  acknowledged,
  added,
  attempted,
  type Before,
  broughtBack,
  bytesOf,
  dropped,
  MOST_BYTES,
  next,
  type Queue,
  refused,
  renewed,
  retried,
  seenAfter,
  uploaded,
} from './queue';
import { type Siblings, tabsOf } from './tabs';
import type { FileToSend, QueuedWrite, Trouble, Write } from './write';

/** What the queue needs of the wall. */
export interface Ports {
  /** Names the owner, for the tabs of one browser to know each other's queues. */
  readonly owner: string;
  readonly keep: QueueKeep;
  /** Does one write; undefined: there is nothing left to do. Rejects with an `ApiProblem`. */
  send(write: Write, waited: boolean): Promise<Change | undefined>;
  /** Sends a picture to its last byte; rejects with an `ApiProblem`. `progress` is from 0 to 1. */
  upload(file: File, mediaId: string, progress: (part: number) => void): Promise<void>;
  /** Whether there is any point in trying. */
  reachable(): boolean;
  /** Told that what needs nobody's decision is given up, the server having refused it. */
  lost(problem: ApiProblem, kind: Write['kind']): void;
  /** Takes in what the server has answered. */
  acknowledged(change: Change): void;
  show(view: QueueView): void;
}

export interface QueueView {
  readonly queue: Queue;
  /** Keys of writes that are too young to be called waiting. */
  readonly quiet: ReadonlySet<string>;
  readonly lasting: boolean;
  /** The write whose pictures are being sent, and how far. */
  readonly progress: { readonly key: string; readonly part: number } | undefined;
}

/** A write is given so long, in milliseconds, before the person is told that it waits. */
export const PATIENCE_MS = 800;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;
/** After so long, in milliseconds, others may well have changed what a write is about. */
const WAITED_MS = 10_000;

/** What whoever made a write is waiting to hear. `fresh`: nothing waited for that document before. */
interface Fate {
  readonly fresh: boolean;
  resolve(): void;
  reject(problem: ApiProblem): void;
}

/**
 * The writes of one participant on one board, on their way (S18): kept before
 * they are sent, sent one after the other, tried again until the server has
 * answered. The server's ids and revisions make every repeat harmless (S3).
 */
export class WriteQueue {
  readonly #ports: Ports;
  readonly #tabs: Siblings;
  #keep: QueueKeep;
  #queue: Queue = [];
  readonly #fates = new Map<string, Fate>();
  readonly #before = new Map<string, Before & { files: KeptFile[] }>();
  /** By `id:rev`: the revision that a write of ours led to from there. */
  readonly #became = new Map<string, number>();
  #progress: QueueView['progress'];
  #sending = false;
  #again = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(ports: Ports) {
    this.#ports = ports;
    this.#keep = ports.keep;
    this.#tabs = tabsOf(ports.owner, (change) => void this.#heard(change));
  }

  /** Shows what was kept, and sends it. */
  async open(): Promise<void> {
    window.addEventListener('online', this.#online);
    this.#queue = await this.#keep.read();
    this.#show();
    void this.flush();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    window.removeEventListener('online', this.#online);
    for (const key of this.#fates.keys()) this.#letGo(key);
    this.#tabs.close();
    this.#keep.close();
  }

  /**
   * Adds a write. Resolves when the server has done it, or when it is kept to
   * be sent later; rejects, keeping nothing, with an `ApiProblem` that tells
   * what the person can mend.
   */
  async add(write: Write, files: readonly KeptFile[] = []): Promise<void> {
    const entry = this.#entry(this.#based(write), files);
    const change = (queue: Queue) => withinRoom(added(queue, entry), files);
    await this.#put(entry, change, files);
  }

  /** Deletes a post; one that never left this browser just goes. */
  async remove(post: Post): Promise<void> {
    const mine = this.#of(post.id);
    const [first] = mine;
    if (first?.write.kind === 'create' && !first.attempted) return this.giveUp(post.id);
    this.#before.set(post.id, { entries: mine, gaveUp: false, files: await this.#filesOf(mine) });
    await this.add({ kind: 'delete', id: post.id, rev: post.rev });
  }

  /** Takes back what was done to several posts; it never happened, if it never left this browser. */
  async undoBulk(id: string, posts: readonly Post[]): Promise<void> {
    await this.add({ kind: 'unbulk', id, posts });
  }

  /** Told that a write of ours has led a post from one revision to another. */
  led(id: string, from: number | undefined, to: number): void {
    if (from !== undefined && to === from + 1) this.#became.set(`${id}:${from}`, to);
  }

  /** Gives up all that waits for a post, or for the board. */
  async giveUp(id: string): Promise<void> {
    const mine = this.#of(id);
    this.#before.set(id, { entries: mine, gaveUp: true, files: await this.#filesOf(mine) });
    const withdrawal = this.#entry({ kind: 'delete', id, rev: undefined });
    await this.#change((queue) => dropped(queue, id, withdrawal));
    void this.flush();
  }

  /** Undoes `remove` or `giveUp` of a post. */
  async bringBack(post: Post): Promise<void> {
    const before = this.#before.get(post.id) ?? { entries: [], gaveUp: false, files: [] };
    this.#before.delete(post.id);
    const entry = this.#entry({ kind: 'restore', id: post.id, post });
    await this.#put(entry, (queue) => broughtBack(queue, before, entry), before.files);
  }

  /** Sends what was refused once more; over revision `rev`, when the person has seen it. */
  async retry(id: string, rev?: number): Promise<void> {
    await this.#change((queue) => retried(queue, id, rev));
    this.#failures = 0;
    await this.flush();
  }

  /** Publishes the edit of a post that is gone as a new post. Gives its id. */
  async publishAnew(id: string): Promise<string> {
    const newId = uuidv7();
    await this.#change((queue) => renewed(queue, id, newId));
    void this.flush();
    return newId;
  }

  /** A picture that waits to be sent, for showing it meanwhile. */
  file(mediaId: string): Promise<File | undefined> {
    return this.#keep.file(mediaId);
  }

  /** Sends what waits, in order, in this tab alone. Resolves when nothing more can be done now. */
  async flush(): Promise<void> {
    this.#again = true;
    if (this.#sending) return;
    this.#sending = true;
    clearTimeout(this.#timer);
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        await this.#tabs.alone(() => this.#sendAll());
      }
    } finally {
      this.#sending = false;
    }
  }

  readonly #online = (): void => {
    this.#failures = 0;
    void this.flush();
  };

  /** Changes the queue by a write of the person's and waits for what becomes of it. */
  async #put(
    entry: QueuedWrite,
    change: (queue: Queue) => Queue,
    files: readonly KeptFile[],
  ): Promise<void> {
    const { id } = entry.write;
    const fresh = this.#of(id).length === 0;
    const done = new Promise<void>((resolve, reject) => {
      this.#fates.set(entry.key, { fresh, resolve, reject });
    });
    try {
      await this.#change(change, files);
    } catch (error) {
      this.#fates.delete(entry.key);
      throw error;
    }
    // It may have been folded into another, or into nothing.
    const last = this.#of(id).at(-1);
    if (!last) return this.#letGo(entry.key);
    this.#rekey(entry.key, last.key);
    const timer = setTimeout(() => this.#letGo(last.key), PATIENCE_MS);
    void this.flush();
    return done.finally(() => clearTimeout(timer));
  }

  #rekey(from: string, to: string): void {
    const fate = this.#fates.get(from);
    if (!fate || from === to) return;
    this.#fates.delete(from);
    this.#fates.get(to)?.resolve();
    this.#fates.set(to, fate);
  }

  async #sendAll(): Promise<void> {
    while (!this.#stopped) {
      this.#queue = await this.#keep.read().catch(() => this.#queue);
      const entry = next(this.#queue);
      if (!entry) return;
      if (!this.#ports.reachable()) return this.#letAllGo();
      try {
        await this.#sendFiles(entry);
        await this.#sendWrite(entry.key);
      } catch (error) {
        if (this.#stopped || !(await this.#failed(entry.key, error))) return;
      }
    }
  }

  async #sendFiles(entry: QueuedWrite): Promise<void> {
    for (const { mediaId } of entry.files) {
      const file = await this.#keep.file(mediaId);
      if (file) await this.#ports.upload(file, mediaId, (part) => this.#sent(entry.key, part));
      await this.#change((queue) => uploaded(queue, mediaId));
    }
    this.#sent(entry.key, undefined);
  }

  #sent(key: string, part: number | undefined): void {
    if (part === this.#progress?.part) return;
    this.#progress = part === undefined ? undefined : { key, part };
    this.#show();
  }

  async #sendWrite(key: string): Promise<void> {
    await this.#change((queue) => attempted(queue, key));
    // As it is now: the person may have changed it, or given it up, since it was read.
    const entry = this.#queue.find((one) => one.key === key);
    if (!entry) return;
    const change = await this.#ports.send(
      this.#based(entry.write),
      Date.now() - entry.at > WAITED_MS,
    );
    this.#failures = 0;
    if (change) this.#ports.acknowledged(change);
    const rev = revAfter(entry.write, change);
    const before = revBefore(entry.write);
    if (seenAfter(entry.write, rev) !== before)
      this.#became.set(`${entry.write.id}:${before}`, rev);
    await this.#change((queue) => acknowledged(queue, key, rev), [], change);
    this.#fates.get(key)?.resolve();
    this.#fates.delete(key);
  }

  /** Tells whether the rest of the queue may go on. */
  async #failed(key: string, error: unknown): Promise<boolean> {
    this.#progress = undefined;
    if (!(error instanceof ApiProblem) || error.transient || error.status === 401) {
      this.#letAllGo();
      this.#later(error instanceof ApiProblem ? error.retryAfter : undefined);
      return false;
    }
    if (error.current) this.#ports.acknowledged(error.current as Change);
    const fate = this.#fates.get(key);
    // Whoever is still waiting for the answer gets it, and keeps what they wrote.
    // A move that can't be is no loss: the post stays where it is; nor is what was asked of many, nor a reaction, nor a wall put away.
    const kind = this.#queue.find((entry) => entry.key === key)?.write.kind;
    const small = ['move', 'react', 'archive', 'bulk', 'unbulk'] as const;
    const lost = small.find((one) => one === kind);
    const keeps = !lost && !fate?.fresh;
    await this.#change((queue) =>
      keeps ? refused(queue, key, troubleOf(error)) : queue.filter((entry) => entry.key !== key),
    );
    this.#fates.delete(key);
    if (fate) fate.reject(error);
    else if (lost) this.#ports.lost(error, lost);
    return true;
  }

  /** Exponential with full jitter, so that a room does not come back in one wave. */
  #later(seconds: number | undefined): void {
    if (this.#stopped) return;
    const most = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures);
    this.#failures += 1;
    const pause = Math.max((seconds ?? 0) * 1_000, FIRST_RETRY_MS / 2 + Math.random() * most);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), pause);
  }

  async #change(
    change: (queue: Queue) => Queue,
    files: readonly KeptFile[] = [],
    answer?: Change,
  ): Promise<void> {
    try {
      this.#queue = await this.#keep.update(change, files);
    } catch (error) {
      if (error instanceof ApiProblem || this.#stopped) throw error;
      if (files.length > 0) {
        throw new ApiProblem(413, { code: 'device_full', detail: t('queue.device_full') });
      }
      // The device has stopped keeping things: go on for as long as the page is open.
      this.#keep = new MemoryKeep(this.#queue);
      this.#queue = await this.#keep.update(change);
    }
    this.#show();
    this.#tabs.tell(answer);
  }

  /** Another tab has changed the queue, and perhaps had an answer. */
  async #heard(answer: Change | undefined): Promise<void> {
    if (answer) this.#ports.acknowledged(answer);
    // What another tab has just begun to send is not waiting yet.
    else await new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
    if (this.#stopped) return;
    this.#queue = await this.#keep.read().catch(() => this.#queue);
    const there = new Set(this.#queue.map(({ key }) => key));
    for (const key of this.#fates.keys()) if (!there.has(key)) this.#letGo(key);
    this.#show();
  }

  #letAllGo(): void {
    for (const key of this.#fates.keys()) this.#letGo(key);
  }

  /** The person need not wait any longer: the write is safe, and shown as waiting. */
  #letGo(key: string): void {
    const fate = this.#fates.get(key);
    if (!fate) return;
    this.#fates.delete(key);
    fate.resolve();
    this.#show();
  }

  #show(): void {
    if (this.#stopped) return;
    const quiet = new Set([...this.#fates].flatMap(([key, { fresh }]) => (fresh ? key : [])));
    const { lasting } = this.#keep;
    this.#ports.show({ queue: this.#queue, quiet, lasting, progress: this.#progress });
  }

  #of(id: string): QueuedWrite[] {
    return this.#queue.filter((entry) => entry.write.id === id);
  }

  async #filesOf(entries: Queue): Promise<KeptFile[]> {
    const found = entries
      .flatMap(({ files }) => files)
      .map(async ({ mediaId }) => ({ mediaId, file: await this.#keep.file(mediaId) }));
    return (await Promise.all(found)).flatMap(({ mediaId, file }) =>
      file ? [{ mediaId, file }] : [],
    );
  }

  #entry(write: Write, files: readonly KeptFile[] = []): QueuedWrite {
    const toSend: FileToSend[] = files.map(({ mediaId, file }) => ({ mediaId, size: file.size }));
    return {
      key: uuidv7(),
      at: Date.now(),
      write,
      attempted: false,
      trouble: undefined,
      files: toSend,
    };
  }

  /** What a person saw while their own write was on its way is what that write has led to since. */
  #based(write: Write): Write {
    if (write.kind === 'bulk') {
      const items = write.items.map((item) =>
        item.rev === undefined ? item : { ...item, rev: this.#now(item.postId, item.rev) },
      );
      return { ...write, items };
    }
    if (!('rev' in write) || write.rev === undefined) return write;
    return { ...write, rev: this.#now(write.id, write.rev) };
  }

  /** What our own writes have led a revision to. */
  #now(id: string, seen: number): number {
    let rev = seen;
    let then = this.#became.get(`${id}:${rev}`);
    while (then !== undefined && then > rev) {
      rev = then;
      then = this.#became.get(`${id}:${rev}`);
    }
    return Math.max(rev, 1);
  }
}

/** A post or a comment that was just made is at 1, whatever others have made of it since. */
function revAfter(write: Write, change: Change | undefined): number {
  if (write.kind === 'create' || write.kind === 'comment') return 1;
  return change?.post?.rev ?? change?.comment?.rev ?? change?.board?.rev ?? 1;
}

/** What the person saw when they made the write; a deletion came before a restoration. */
function revBefore(write: Write): number {
  if (write.kind === 'restore') return write.post.rev + 1;
  return ('rev' in write && write.rev) || 0;
}

function troubleOf({ status, code, detail, errors, current }: ApiProblem): Trouble {
  return { status, code, detail, errors: [...errors], ...(current ? { current } : {}) };
}

function withinRoom(queue: Queue, files: readonly KeptFile[]): Queue {
  if (files.length > 0 && bytesOf(queue) > MOST_BYTES) {
    const detail = t('queue.full', { size: MOST_BYTES / 1_000_000 });
    throw new ApiProblem(413, { code: 'queue_full', detail });
  }
  return queue;
}
