import { BoardApi } from '../api/client';
import { ApiProblem } from '../api/problem';
import type { Change, Media, Post } from '../api/types';
import type { PostDraft, UploadTicket } from '../composer-seam';
import { merge } from './merge';
import { persist } from './retry';
import type { BoardSession } from './session.svelte';
import { WallStore } from './store.svelte';
import { LiveStream, type StreamState } from './stream';

/** A post that could not be sent; it stays in sight until it is, or is given up. */
export interface Unsent {
  readonly id: string;
  readonly draft: PostDraft;
  readonly problem: ApiProblem;
  readonly sending: boolean;
}

/** Arrivals are taken in together, four times a second at most, so that a stream of them stays fluid. */
const BATCH_MS = 250;

/**
 * One wall, live: the snapshot, then the stream; what the person writes; what
 * waits while they read or have paused.
 */
export class LiveWall {
  readonly store = new WallStore();
  readonly session: BoardSession;
  readonly #api: BoardApi;
  #stream: LiveStream | undefined;
  #stopped = false;

  #loaded = $state(false);
  #state = $state.raw<StreamState>('connecting');
  #refusal = $state.raw<ApiProblem>();
  #unsent = $state.raw<readonly Unsent[]>([]);

  #paused = $state(false);
  #reading = $state(false);
  #queue = new Map<string, Change>();
  #queuedPosts = $state(0);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastFlush = Number.NEGATIVE_INFINITY;

  constructor(session: BoardSession) {
    this.session = session;
    this.#api = new BoardApi(session.boardId, session.fetch);
  }

  get loaded(): boolean {
    return this.#loaded;
  }

  get state(): StreamState {
    return this.#state;
  }

  /** Why the wall closed to us, once it has. */
  get refusal(): ApiProblem | undefined {
    return this.#refusal;
  }

  get unsent(): readonly Unsent[] {
    return this.#unsent;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** New posts that wait for the person to ask for them. */
  get arrivals(): number {
    return this.store.waiting.length + (this.#paused ? this.#queuedPosts : 0);
  }

  /** All posts that this browser knows of: shown, waiting, or not looked at while paused. */
  get total(): number {
    return this.store.count + this.#queuedPosts;
  }

  /** Takes the snapshot and goes live; rejects with an `ApiProblem` when there is no wall to show. */
  async start(): Promise<void> {
    const cursor = await this.#reload();
    this.#loaded = true;
    if (this.#stopped) return;
    this.#stream = new LiveStream(cursor, {
      open: (from, signal) => this.#api.events(from, signal),
      change: (data) => this.#receive(data),
      reset: () => this.#reload(),
      expired: async () => {
        await this.session.renew();
      },
      state: (state) => {
        this.#state = state;
      },
      refused: (problem) => {
        this.#refusal = problem;
      },
    });
    void this.#stream.run();
    window.addEventListener('online', this.#sendAgain);
  }

  stop(): void {
    this.#stopped = true;
    this.#stream?.stop();
    clearTimeout(this.#timer);
    window.removeEventListener('online', this.#sendAgain);
    this.session.stop();
  }

  /** While paused the wall stands still, but for what the person does. */
  pause(paused: boolean): void {
    this.#paused = paused;
    if (!paused) this.#flush();
  }

  /** Told by the view: whether an arrival would move what is being read. */
  set reading(reading: boolean) {
    if (this.#reading === reading) return;
    this.#reading = reading;
    if (!reading && !this.#paused) this.store.release();
  }

  /** Shows everything that waits. */
  showArrivals(): void {
    this.#flush();
    this.store.release();
  }

  /**
   * Sends a new post. Resolves when the wall has it, or when it is kept among
   * `unsent` for want of a network; rejects with what the author can mend.
   */
  async publish(id: string, draft: PostDraft): Promise<void> {
    this.#dropUnsent(id);
    try {
      this.#mine(await persist(() => this.#api.createPost(id, draft)));
    } catch (error) {
      if (!(error instanceof ApiProblem) || !error.transient) throw error;
      this.#unsent = [...this.#unsent, { id, draft, problem: error, sending: false }];
    }
  }

  /** Tries a post among `unsent` once more. */
  async publishAgain(id: string): Promise<void> {
    const unsent = this.#unsent.find((one) => one.id === id);
    if (!unsent || unsent.sending) return;
    this.#replaceUnsent({ ...unsent, sending: true });
    try {
      const post = await persist(() => this.#api.createPost(id, unsent.draft));
      this.#dropUnsent(id);
      this.#mine(post);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      this.#replaceUnsent({ ...unsent, problem: error, sending: false });
    }
  }

  giveUp(id: string): void {
    this.#dropUnsent(id);
  }

  /**
   * Changes a post that was read at `rev`. On a conflict the wall takes the
   * current post in and rejects: sending again with its `rev` replaces it.
   */
  async edit(id: string, draft: PostDraft, rev: number): Promise<void> {
    try {
      this.#mine(await persist(() => this.#api.editPost(id, draft, rev)));
    } catch (error) {
      const current = error instanceof ApiProblem ? error.current?.post : undefined;
      if (current) this.#mine(current);
      throw error;
    }
  }

  /** Takes a post off the wall at once; puts it back if the server won't. */
  async remove(id: string): Promise<void> {
    this.store.conceal(id, true);
    try {
      this.#mine(await persist(() => this.#api.deletePost(id)));
    } finally {
      this.store.conceal(id, false);
    }
  }

  async restore(id: string): Promise<void> {
    this.#mine(await persist(() => this.#api.restorePost(id)));
  }

  async editBoard(changes: { title?: string; description?: string }): Promise<void> {
    const rev = this.store.board?.rev ?? 1;
    const board = await persist(() => this.#api.editBoard(changes, rev));
    this.store.apply([{ kind: 'board', board }]);
  }

  links() {
    return this.#api.links();
  }

  /** Announces an upload; its Media document is on the wall from then on, for its owner. */
  async ticket(input: { id: string; size: number; type: string }): Promise<UploadTicket> {
    const { media, upload } = await persist(() => this.#api.createMedia(input));
    this.store.apply([{ kind: 'media', media }]);
    return upload;
  }

  /** Reactive. */
  media = (id: string): Media | undefined => this.store.media(id);

  #mine(post: Post): void {
    this.store.apply([{ kind: 'post', post }]);
  }

  async #reload(): Promise<string> {
    const snapshot = await this.#api.snapshot();
    this.#queue.clear();
    this.#queuedPosts = 0;
    this.store.load(snapshot);
    return snapshot.cursor;
  }

  #receive(data: string): void {
    const change = readChange(data);
    if (!change) return;
    this.#enqueue(change);
    if (this.#paused || this.#timer !== undefined) return;
    const since = performance.now() - this.#lastFlush;
    this.#timer = setTimeout(() => this.#flush(), Math.max(0, BATCH_MS - since));
  }

  /** Only the newest of each document is kept: a long pause costs no more than the wall. */
  #enqueue(change: Change): void {
    const doc = change.post ?? change.media ?? change.board;
    if (!doc) return;
    const key = `${change.kind}:${doc.id}`;
    const before = this.#queue.get(key);
    const held = before?.post ?? before?.media ?? before?.board;
    if (merge(held, doc) !== doc) return;
    this.#queue.set(key, change);
    this.#queuedPosts += this.#arrives(change) - this.#arrives(before);
  }

  /** 1 for a post that is not on the wall yet. */
  #arrives(change: Change | undefined): number {
    const post = change?.post;
    return post && !post.deleted && !this.store.post(post.id) ? 1 : 0;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lastFlush = performance.now();
    const changes = [...this.#queue.values()];
    this.#queue.clear();
    this.#queuedPosts = 0;
    const me = this.session.me;
    this.store.apply(changes, (post) => this.#reading && post.author.id !== me);
  }

  readonly #sendAgain = (): void => {
    for (const { id } of this.#unsent) void this.publishAgain(id);
  };

  #replaceUnsent(unsent: Unsent): void {
    this.#unsent = this.#unsent.map((one) => (one.id === unsent.id ? unsent : one));
  }

  #dropUnsent(id: string): void {
    this.#unsent = this.#unsent.filter((one) => one.id !== id);
  }
}

function readChange(data: string): Change | undefined {
  try {
    return JSON.parse(data) as Change;
  } catch {
    // A change that can't be read must not end the stream: the next snapshot heals it.
    return undefined;
  }
}
