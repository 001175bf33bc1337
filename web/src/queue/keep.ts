import type { Queue } from './queue';

/** A picture's bytes, under its media's id. */
export interface KeptFile {
  readonly mediaId: string;
  readonly file: File;
}

/** Whose writes: those of one participant on one board. */
export interface Owner {
  readonly board: string;
  readonly participant: string;
}

/** Where one owner's queue is kept. Every method rejects when the device refuses. */
export interface QueueKeep {
  /** Whether what is kept outlives the page. */
  readonly lasting: boolean;
  read(): Promise<Queue>;
  /**
   * Changes the queue in one step that nothing comes between, another tab
   * included, and gives it as it then is. When `change` throws, nothing has
   * changed. Files that no write needs any more are let go.
   */
  update(change: (queue: Queue) => Queue, files?: readonly KeptFile[]): Promise<Queue>;
  file(mediaId: string): Promise<File | undefined>;
  close(): void;
}

/** Ids of the files that a queue still needs. */
export function filesNeeded(queue: Queue): Set<string> {
  return new Set(queue.flatMap(({ files }) => files.map(({ mediaId }) => mediaId)));
}

/** Where the browser keeps nothing, as some private windows do: for as long as the page. */
export class MemoryKeep implements QueueKeep {
  readonly lasting = false;
  #queue: Queue;
  readonly #files = new Map<string, File>();

  constructor(queue: Queue = []) {
    this.#queue = queue;
  }

  async read(): Promise<Queue> {
    return this.#queue;
  }

  async update(change: (queue: Queue) => Queue, files: readonly KeptFile[] = []): Promise<Queue> {
    this.#queue = change(this.#queue);
    for (const { mediaId, file } of files) this.#files.set(mediaId, file);
    const needed = filesNeeded(this.#queue);
    for (const id of this.#files.keys()) if (!needed.has(id)) this.#files.delete(id);
    return this.#queue;
  }

  async file(mediaId: string): Promise<File | undefined> {
    return this.#files.get(mediaId);
  }

  close(): void {}
}
