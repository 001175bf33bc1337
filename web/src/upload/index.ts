/**
 * Sends a file to the media service by tus, so that a lost connection, or a
 * page loaded again, goes on where it stopped. Only the address of an upload
 * is remembered on the device, never its token.
 */
import type { UploadEvents, Uploader, UploadHandle, UploadTicket } from '../composer-seam';
import { forget, recall, remember } from '../device/storage';
import { problemOfFailure, type TusFailure, waitOfFailure } from './failure';
import { Turns } from './turns';

type Tus = typeof import('tus-js-client');
type TusUpload = InstanceType<Tus['Upload']>;

/** Bytes sent in one request: what a lost connection costs at most. */
const CHUNK = 8 * 1024 * 1024;
/** Milliseconds; with jitter, so that a room full of people does not come back at once. */
const RETRIES = [500, 1_000, 2_000, 4_000, 8_000, 15_000];
/** Milliseconds; who was told to wait comes back within this of the time, for the same reason. */
const APART_MS = 5_000;
/** A token that is about to end is replaced before it is used. */
const MARGIN_MS = 30_000;

/** Files sent at once: ten photos of a phone, all together, would each seem to stand still. */
const turns = new Turns(3);

/** What is being sent from this page, by media. */
const sendings = new Map<string, Sending>();

/** What has been sent from this page, to the last byte. */
const arrived = new Set<string>();
const NOTHING_LEFT: UploadHandle = { cancel() {}, leave() {}, retry() {} };

export const startUpload: Uploader = (ticket, file, mediaId, on) => {
  if (arrived.has(mediaId)) {
    queueMicrotask(() => on.done());
    return NOTHING_LEFT;
  }
  const there = sendings.get(mediaId);
  if (there) return there.takeOver(on);
  return new Sending(ticket, file, mediaId, on).begin();
};

/** One file on its way in its turn, which who asks for it again takes over: a composer opened again. */
class Sending implements UploadHandle {
  readonly #id: string;
  readonly #upload: Upload;
  #on: UploadEvents;
  /** Bytes sent, and of how many. */
  #sent: readonly [number, number];
  #failed = false;
  #waiting = false;

  constructor(ticket: Parameters<Uploader>[0], file: File, mediaId: string, on: UploadEvents) {
    this.#id = mediaId;
    this.#on = on;
    this.#sent = [0, file.size];
    const events: UploadEvents = {
      progress: (sent, total) => {
        this.#sent = [sent, total];
        this.#waiting = false;
        this.#on.progress(sent, total);
      },
      done: () => {
        this.#stop();
        arrived.add(this.#id);
        this.#on.done();
      },
      failed: (problem) => {
        turns.end(this.#id);
        this.#failed = true;
        this.#on.failed(problem);
      },
      waiting: () => {
        this.#waiting = true;
        this.#on.waiting?.();
      },
    };
    this.#upload = new Upload(ticket, file, mediaId, events, () => import('tus-js-client'));
  }

  begin(): this {
    sendings.set(this.#id, this);
    turns.begin(this.#id, () => void this.#upload.run());
    return this;
  }

  takeOver(on: UploadEvents): this {
    this.#on = on;
    on.progress(...this.#sent);
    if (this.#failed) this.retry();
    else if (this.#waiting) on.waiting?.();
    return this;
  }

  cancel(): void {
    this.#stop();
    this.#upload.cancel();
  }

  leave(): void {
    this.#stop();
    this.#upload.leave();
  }

  retry(): void {
    this.#failed = false;
    this.#waiting = false;
    sendings.set(this.#id, this);
    turns.begin(this.#id, () => this.#upload.retry());
  }

  #stop(): void {
    sendings.delete(this.#id);
    turns.end(this.#id);
  }
}

/** One file on its way. Made apart from `startUpload` for tests to hand in their own tus. */
export class Upload implements UploadHandle {
  readonly #newTicket: () => Promise<UploadTicket>;
  readonly #file: File;
  readonly #on: UploadEvents;
  readonly #loadTus: () => Promise<Pick<Tus, 'Upload'>>;
  readonly #memory: string;
  #ticket: UploadTicket | undefined;
  #tus: TusUpload | undefined;
  #cancelled = false;
  #allSent = false;
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(
    ticket: Parameters<Uploader>[0],
    file: File,
    mediaId: string,
    on: UploadEvents,
    loadTus: () => Promise<Pick<Tus, 'Upload'>>,
  ) {
    this.#newTicket = () =>
      ticket({ id: mediaId, size: file.size, type: file.type, name: file.name });
    this.#file = file;
    this.#on = on;
    this.#loadTus = loadTus;
    this.#memory = `upload.${mediaId}`;
  }

  /** Resolves when tus has taken over, or has been told why not. */
  async run(): Promise<void> {
    try {
      const [tus, ticket] = await Promise.all([this.#loadTus(), this.#freshTicket()]);
      if (this.#cancelled) return;
      this.#tus = new tus.Upload(this.#file, this.#options(ticket.url));
      this.#tus.start();
    } catch (error) {
      this.#fail(error);
    }
  }

  cancel(): void {
    this.#cancelled = true;
    forget(this.#memory);
    this.#restless();
    // The server drops what it has; where it cannot be told, or has all of it, it does so in time.
    this.#tus?.abort(this.#tus.url !== null && !this.#allSent).catch(() => undefined);
  }

  retry(): void {
    this.#cancelled = false;
    this.#restless();
    void this.#tus?.abort();
    void this.run();
  }

  leave(): void {
    this.#cancelled = true;
    this.#restless();
    void this.#tus?.abort();
  }

  #options(endpoint: string): ConstructorParameters<Tus['Upload']>[1] {
    return {
      endpoint,
      uploadUrl: recall(this.#memory) ?? null,
      chunkSize: CHUNK,
      retryDelays: RETRIES.map((delay) => delay * (0.5 + Math.random())),
      storeFingerprintForResuming: false,
      metadata: { filetype: this.#file.type },
      headers: { 'Accept-Language': document.documentElement.lang },
      onBeforeRequest: async (request) => {
        const { token } = await this.#freshTicket();
        request.setHeader('Authorization', `Bearer ${token}`);
      },
      onShouldRetry: (error) => {
        if (waitOfFailure(error) !== undefined) return false;
        const problem = problemOfFailure(error);
        if (problem.code === 'ticket_expired') this.#ticket = undefined;
        // Without a network it goes on when there is one again.
        return problem.retry && (problem.code !== 'network' || navigator.onLine);
      },
      onUploadUrlAvailable: () => this.#remember(),
      onProgress: (sent, total) => {
        this.#allSent = sent === total;
        if (!this.#cancelled) this.#on.progress(sent, total);
      },
      onSuccess: () => {
        forget(this.#memory);
        if (!this.#cancelled) this.#on.done();
      },
      onError: (error) => this.#fail(error),
    };
  }

  async #freshTicket(): Promise<UploadTicket> {
    const known = this.#ticket;
    if (known && Date.parse(known.expiresAt) - Date.now() > MARGIN_MS) return known;
    const fresh = await this.#newTicket();
    this.#ticket = fresh;
    return fresh;
  }

  #remember(): void {
    const url = this.#tus?.url;
    // An address that carries its own permission is not one to keep.
    if (url && !url.includes('?')) remember(this.#memory, url);
  }

  #fail(error: unknown): void {
    if (this.#cancelled) return;
    const wait = waitOfFailure(error as TusFailure);
    if (wait !== undefined) {
      const ms = wait * 1_000;
      this.#pause = setTimeout(() => void this.run(), ms + Math.random() * Math.min(ms, APART_MS));
      this.#on.waiting?.();
      return;
    }
    const problem = problemOfFailure(error as TusFailure);
    if (!problem.retry) forget(this.#memory);
    if (problem.code === 'network') addEventListener('online', this.#online, { once: true });
    this.#on.failed(problem);
  }

  /** Waits for nothing any more. */
  #restless(): void {
    clearTimeout(this.#pause);
    removeEventListener('online', this.#online);
  }

  readonly #online = (): void => this.retry();
}
