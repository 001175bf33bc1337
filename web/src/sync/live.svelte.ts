import { tick } from 'svelte';
import { BoardApi } from '../api/client';
import { type ApiProblem, networkProblem } from '../api/problem';
import type { Change, Media, Presence, You } from '../api/types';
import type { Writes } from '../queue';
import type { Waiting } from '../queue/write';
import { merge, type Versioned } from './merge';
import type { BoardSession } from './session.svelte';
import { WallStore } from './store.svelte';
import { LiveStream, type StreamState } from './stream';

/**
 * Arrivals are taken in together, four times a second at most, so that a stream
 * of them stays fluid; less often, but within a second, where showing them
 * takes more than a tenth of the time. In milliseconds.
 */
const BATCH_MS = 250;
const SLOWEST_BATCH_MS = 700;
const SHARE = 10;

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
  #introduced: () => void = () => undefined;
  readonly #introduction = new Promise<void>((resolve) => {
    this.#introduced = resolve;
  });

  #loaded = $state(false);
  #state = $state.raw<StreamState>('connecting');
  #refusal = $state.raw<ApiProblem>();
  #presence = $state.raw<Presence>();
  #unsent = $state.raw<readonly Waiting[]>([]);
  #writes: Promise<Writes> | undefined;
  #opened: Writes | undefined;

  #paused = $state(false);
  #reading = $state(false);
  #queue = new Map<string, Change>();
  #queuedPosts = $state(0);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastFlush = Number.NEGATIVE_INFINITY;
  #pace = BATCH_MS;

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

  /** Who is here; undefined when that is not known, or not to be. */
  get presence(): Presence | undefined {
    return this.store.board?.presenceHidden ? undefined : this.#presence;
  }

  /** What this browser has yet to send, by document. */
  get unsent(): readonly Waiting[] {
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
    // Others would be told of somebody nameless, and then of somebody else.
    if (this.session.needsName) await this.#introduction;
    if (this.#stopped) return;
    this.#stream = new LiveStream(cursor, {
      open: (from, signal) => this.#api.events(from, signal),
      change: (data) => this.#receive(data),
      presence: (data) => {
        this.#presence = read<Presence>(data);
      },
      you: (data) => {
        const you = read<You>(data);
        if (!you) return;
        this.session.told(you);
        this.store.claim(you.own ?? []);
      },
      told: (event, data) => this.store.react(event, read(data)),
      reset: () => this.#reload(),
      expired: async () => {
        await this.session.renew();
      },
      state: (state) => {
        this.#state = state;
        if (state === 'live') this.#online();
        // Cut off, we can't tell any more who is here.
        else if (state !== 'connecting') this.#presence = undefined;
      },
      refused: (problem) => {
        this.#refusal = problem;
      },
    });
    void this.#stream.run();
  }

  stop(): void {
    this.#stopped = true;
    this.#stream?.stop();
    clearTimeout(this.#timer);
    this.#opened?.stop();
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

  /** What sends the person's writes, and keeps them until they are sent; fetched on its own. */
  writes(): Promise<Writes> {
    this.#writes ??= this.#openWrites().catch(() => {
      this.#writes = undefined;
      throw networkProblem();
    });
    return this.#writes;
  }

  /** Gives the person a name, 1–60 characters, by which others see them at once. */
  async giveName(name: string): Promise<void> {
    await this.session.giveName(name);
    this.#stream?.again();
    this.introduced();
  }

  /** The person has given a name, or does without for now. */
  introduced(): void {
    this.#introduced();
  }

  /** Reactive. */
  media = (id: string): Media | undefined => {
    const media = this.store.media(id);
    const settled = media?.picture ?? media?.file ?? media?.refusal ?? media?.deleted;
    return settled ? media : (this.#opened?.preview(id) ?? media);
  };

  async #openWrites(): Promise<Writes> {
    const { openWrites } = await import('../queue');
    const opened = await openWrites({
      session: this.session,
      store: this.store,
      reachable: () => navigator.onLine || this.#state === 'live',
      unsent: (unsent) => {
        this.#unsent = unsent;
      },
    });
    this.#opened = opened;
    if (this.#stopped) opened.stop();
    return opened;
  }

  /** The server is there: what waits may go, what failed to open may open. */
  #online(): void {
    this.writes().then(
      ({ queue }) => queue.flush(),
      () => undefined,
    );
  }

  async #reload(): Promise<string> {
    const snapshot = await this.#api.snapshot();
    const whole = (await this.#opened?.recall(snapshot)) ?? snapshot;
    this.#queue.clear();
    this.#queuedPosts = 0;
    this.store.load(whole);
    return snapshot.cursor;
  }

  #receive(data: string): void {
    const change = read<Change>(data);
    if (!change) return;
    this.#enqueue(change);
    if (this.#paused || this.#timer !== undefined) return;
    const since = performance.now() - this.#lastFlush;
    this.#timer = setTimeout(() => this.#flush(), Math.max(0, this.#pace - since));
  }

  /** Only the newest of each document is kept: a long pause costs no more than the wall. */
  #enqueue(change: Change): void {
    const doc = docOf(change);
    if (!doc) return;
    const key = `${change.kind}:${doc.id}`;
    const before = this.#queue.get(key);
    if (merge(before && docOf(before), doc) !== doc) return;
    // Counts come after the post that they are of.
    this.#queue.delete(key);
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
    this.store.apply(changes, (post) => this.#reading && !this.store.owns(post));
    void tick().then(() => {
      const took = performance.now() - this.#lastFlush;
      this.#pace = Math.min(SLOWEST_BATCH_MS, Math.max(BATCH_MS, SHARE * took));
    });
  }
}

/** The document of a change, whatever its kind; counts have no revision, and the last stand. */
function docOf(change: Change): Versioned | undefined {
  const { kind } = change;
  return kind === 'link' ? undefined : (change[kind] as Versioned | undefined);
}

function read<T>(data: string): T | undefined {
  try {
    return JSON.parse(data) as T;
  } catch {
    // What can't be read must not end the stream: the next snapshot heals it.
    return undefined;
  }
}
