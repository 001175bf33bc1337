import type { Media } from '../api/types';
import type { FileLeft, StartUpload, UploadHandle, UploadProblem } from '../composer-seam';
import { kindOfFile, type UploadKind } from '../kinds';
import { type FileMark, markOfFile } from './files';

/** `missing`: announced before the page was left, and perhaps not sent to the end. */
type Phase = 'sending' | 'paused' | 'sent' | 'failed' | 'missing';

/**
 * Where an upload stands for its author. `refused` and `missing` need another
 * file, `failed` another try; `unsent` goes with the post when there is a
 * network; `paused` goes on when the person says so, or publishes.
 */
export type Status =
  | 'sending'
  | 'paused'
  | 'unsent'
  | 'failed'
  | 'missing'
  | 'refused'
  | 'preparing'
  | 'ready';

export interface UploadStart {
  id: string;
  mediaId: string;
  caption?: string;
  alt?: string;
  captionsOf?: string | undefined;
  language?: string | undefined;
}

/** One file of the post being written: its bytes on their way, then what the server makes of it. */
export class Upload {
  readonly id: string;
  /** Of captions: the attachment that they are of, and their language. */
  readonly captionsOf: string | undefined;
  readonly language: string | undefined;
  caption = $state('');
  alt = $state('');
  mediaId = $state('');
  /** Address of a local preview, for as long as the file is at hand. */
  preview = $state<string>();
  mark = $state.raw<FileMark>();
  /** Bytes. */
  sent = $state(0);
  total = $state(0);
  problem = $state.raw<UploadProblem>();
  /** The server takes no more from here for a moment; it goes on by itself. */
  waits = $state(false);
  #phase = $state<Phase>('sent');
  #handle: UploadHandle | undefined;
  #file = $state.raw<File>();
  readonly #mediaState: (id: string) => Media | undefined;

  constructor(start: UploadStart, mediaState: (id: string) => Media | undefined) {
    this.id = start.id;
    this.mediaId = start.mediaId;
    this.caption = start.caption ?? '';
    this.alt = start.alt ?? '';
    this.captionsOf = start.captionsOf;
    this.language = start.language;
    this.#mediaState = mediaState;
  }

  /** As the server says, else as the file looks; of the time when there were but pictures, one. Reactive. */
  get kind(): UploadKind {
    const said = this.media?.kind;
    if (said && said !== 'link') return said;
    const { name = '', type = 'image/' } = this.mark ?? {};
    return kindOfFile({ name, type });
  }

  /** The upload's document on the wall; reactive. */
  get media(): Media | undefined {
    return this.#mediaState(this.mediaId);
  }

  get status(): Status {
    const state = this.media?.state;
    if (state === 'refused' || state === 'ready') return state;
    if (state === 'scanning' || state === 'processing') {
      return this.#phase === 'sending' ? 'sending' : 'preparing';
    }
    if (this.#phase === 'failed' && this.problem?.code === 'network') return 'unsent';
    return this.#phase === 'sent' ? 'preparing' : this.#phase;
  }

  /** Stands in the way of publishing until the person does something. */
  get stuck(): boolean {
    return ['failed', 'missing', 'refused'].includes(this.status);
  }

  get name(): string {
    return this.mark?.name ?? this.media?.name ?? '';
  }

  /** The file itself, for as long as it is at hand. */
  get file(): File | undefined {
    return this.#file;
  }

  /** An address to show it by as a picture, where there is one yet. */
  get source(): string | undefined {
    const variants = this.media?.picture?.variants ?? [];
    const fit = variants.find((variant) => variant.width >= 320) ?? variants.at(-1);
    const own = this.kind === 'picture' ? this.preview : undefined;
    return own ?? fit?.url ?? this.media?.picture?.placeholder;
  }

  /** As found in a draft: whether it was sent to the end is the server's to tell. */
  recall(mark: FileMark | undefined): void {
    this.mark = mark;
    this.#phase = 'missing';
  }

  /** Sends a file; in place of another one when it has a new `mediaId`. */
  send(file: File, mediaId: string, start: StartUpload, onsettled: () => void): void {
    this.release();
    this.mediaId = mediaId;
    this.#file = file;
    this.mark = markOfFile(file);
    this.preview = URL.createObjectURL(file);
    this.sent = 0;
    this.total = file.size;
    this.problem = undefined;
    this.waits = false;
    this.#phase = 'sending';
    const current = () => this.mediaId === mediaId;
    this.#handle = start(file, mediaId, {
      progress: (sent, total) => {
        if (!current() || this.#phase === 'paused') return;
        this.#phase = 'sending';
        this.problem = undefined;
        this.waits = false;
        this.sent = sent;
        this.total = total;
      },
      done: () => {
        if (!current()) return;
        this.#phase = 'sent';
        this.problem = undefined;
        onsettled();
      },
      failed: (problem) => {
        if (!current()) return;
        this.#phase = 'failed';
        this.problem = problem;
        onsettled();
      },
      waiting: () => {
        if (current()) this.waits = true;
      },
    });
  }

  /** Stops sending until the person says so. */
  pause(): void {
    if (this.#phase !== 'sending') return;
    this.#handle?.leave();
    this.#phase = 'paused';
  }

  retry(): void {
    this.waits = false;
    this.#phase = 'sending';
    this.problem = undefined;
    this.#handle?.retry();
  }

  /** Its file, for somebody else to send, if the network has not taken it. */
  handOver(): FileLeft | undefined {
    if (this.status !== 'unsent' || !this.#file) return undefined;
    this.#handle?.leave();
    return { mediaId: this.mediaId, file: this.#file };
  }

  /** Stops sending for good. */
  cancel(): void {
    if (this.#phase !== 'sent') this.#handle?.cancel();
    this.release();
  }

  /** Lets go of the preview; what is being sent goes on. */
  release(): void {
    if (this.preview) URL.revokeObjectURL(this.preview);
    this.preview = undefined;
  }
}
