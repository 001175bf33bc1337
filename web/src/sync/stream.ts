import { ApiProblem } from '../api/problem';
import { type SseEvent, SseParser } from './sse';

/** `waiting`: the server is not answering, another try is planned. `offline`: neither is the network. */
export type StreamState = 'connecting' | 'live' | 'waiting' | 'offline' | 'stopped';

export interface StreamOptions {
  /** Asks for the stream from a cursor on. Rejects with an `ApiProblem` when refused. */
  open(cursor: string, signal: AbortSignal): Promise<Response>;
  /** One change, with the cursor that follows it. */
  change(data: string): void;
  /** Who is here, whenever that changes; no part of what a cursor resumes (S7). */
  presence(data: string): void;
  /** What the person may do and which posts are theirs, whenever that changes. */
  you(data: string): void;
  /** Anything else that the server tells the person alone. */
  told?: (event: string, data: string) => void;
  /** The server cannot resume from our cursor: answers with the cursor of a fresh snapshot (S9). */
  reset(): Promise<string>;
  /** The session has ended: resolves when there is a new one. */
  expired(): Promise<void>;
  state(state: StreamState): void;
  /** The wall is closed to us; nothing more is tried. */
  refused(problem: ApiProblem): void;
  /** 0 ≤ x < 1; for tests. */
  random?: () => number;
}

/** The server speaks every 10 s; three misses are a dead connection (S16). */
export const SILENCE_MS = 30_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
/** Tried even so: a server on the same machine or in the room needs no internet. */
const OFFLINE_RETRY_MS = 5_000;

/** How one connection ended, and when to try again: after so many ms, or by the backoff. */
type Ending = { again: number | 'backoff' } | 'refused';

/**
 * The live stream of one board: connects, listens, and comes back with the
 * last cursor for as long as it is not stopped (S9, S15, S16).
 */
export class LiveStream {
  readonly #options: StreamOptions;
  readonly #stop = new AbortController();
  #cursor: string;
  #connection: AbortController | undefined;
  #lastByte = 0;
  #failures = 0;
  /** Resets and renewals since the last change: one is usual, more are a loop. */
  #turns = 0;
  #wake: (() => void) | undefined;
  #anew = false;

  constructor(cursor: string, options: StreamOptions) {
    this.#cursor = cursor;
    this.#options = options;
  }

  get cursor(): string {
    return this.#cursor;
  }

  /** Runs until `stop`, or until the server refuses us. */
  async run(): Promise<void> {
    const { signal } = this.#stop;
    window.addEventListener('online', () => this.#now(), { signal });
    // Don't let a dead connection pass for live until the silence tells.
    window.addEventListener('offline', () => this.#connection?.abort(), { signal });
    document.addEventListener('visibilitychange', () => this.#seen(), { signal });
    while (!signal.aborted) {
      this.#options.state('connecting');
      const ending = await this.#connect();
      if (signal.aborted) break;
      if (ending === 'refused') return this.stop();
      await this.#pause(ending.again === 'backoff' ? this.#backoff() : ending.again);
    }
  }

  stop(): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.#connection?.abort();
    this.#now();
    this.#options.state('stopped');
  }

  /** Comes back at once, for the server to know whom the session now names. */
  again(): void {
    this.#anew = true;
    this.#connection?.abort();
  }

  async #connect(): Promise<Ending> {
    this.#anew = false;
    const connection = new AbortController();
    this.#connection = connection;
    const watchdog = this.#watch(connection);
    try {
      const response = await this.#options.open(this.#cursor, connection.signal);
      if (!response.body) return { again: 'backoff' };
      this.#options.state('live');
      return await this.#listen(response.body);
    } catch (error) {
      return this.#failed(error);
    } finally {
      clearInterval(watchdog);
      connection.abort();
    }
  }

  async #listen(body: ReadableStream<Uint8Array>): Promise<Ending> {
    const parser = new SseParser();
    const decoder = new TextDecoder();
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { again: 'backoff' };
      this.#lastByte = performance.now();
      this.#failures = 0;
      for (const event of parser.push(decoder.decode(value, { stream: true }))) {
        const ending = await this.#take(event);
        if (ending) return ending;
      }
    }
  }

  async #take(event: SseEvent): Promise<Ending | undefined> {
    switch (event.type) {
      case 'change':
        this.#options.change(event.data);
        // Only now: a cursor must never run ahead of what was taken in.
        if (event.id !== undefined) this.#cursor = event.id;
        this.#turns = 0;
        return undefined;
      case 'presence':
        this.#options.presence(event.data);
        return undefined;
      case 'you':
        this.#options.you(event.data);
        return undefined;
      case 'reset':
        this.#cursor = await this.#options.reset();
        return this.#turn();
      case 'expired':
        await this.#options.expired();
        return this.#turn();
      case 'bye':
        return { again: retryHint(event.data) ?? 'backoff' };
      default:
        // A later server may say more than this page understands.
        this.#options.told?.(event.type, event.data);
        return undefined;
    }
  }

  /** Back at once, unless the server sends us round and round. */
  #turn(): Ending {
    this.#turns += 1;
    return { again: this.#turns === 1 ? 0 : 'backoff' };
  }

  #failed(error: unknown): Ending {
    if (this.#anew) return { again: 0 };
    if (!(error instanceof ApiProblem) || error.transient) {
      const pause = error instanceof ApiProblem ? error.retryAfter : undefined;
      return { again: pause === undefined ? 'backoff' : pause * 1000 };
    }
    if (!this.#stop.signal.aborted) this.#options.refused(error);
    return 'refused';
  }

  #watch(connection: AbortController): ReturnType<typeof setInterval> {
    this.#lastByte = performance.now();
    return setInterval(() => {
      if (this.#silent()) connection.abort();
    }, SILENCE_MS / 6);
  }

  #silent(): boolean {
    return performance.now() - this.#lastByte > SILENCE_MS;
  }

  /** Exponential with full jitter, so that a room does not come back in one wave. */
  #backoff(): number {
    const most = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures);
    this.#failures += 1;
    const { random = Math.random } = this.#options;
    return FIRST_RETRY_MS / 2 + random() * most;
  }

  /** Waits, unless the network or the person comes back meanwhile. */
  async #pause(ms: number): Promise<void> {
    if (ms <= 0) return;
    this.#options.state(navigator.onLine ? 'waiting' : 'offline');
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, navigator.onLine ? ms : Math.max(ms, OFFLINE_RETRY_MS));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  #now(): void {
    this.#wake?.();
  }

  /** A sleeping tab's timers sleep too: judge the silence when it wakes. */
  #seen(): void {
    if (document.visibilityState !== 'visible') return;
    if (this.#silent()) this.#connection?.abort();
    this.#now();
  }
}

function retryHint(data: string): number | undefined {
  try {
    const { retryMs } = JSON.parse(data) as { retryMs?: unknown };
    return typeof retryMs === 'number' && retryMs >= 0
      ? Math.min(retryMs, LONGEST_RETRY_MS)
      : undefined;
  } catch {
    return undefined;
  }
}
