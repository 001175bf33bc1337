import { account, type OwnedWall } from '../account/account.svelte';
import { ApiProblem } from '../api/problem';
import type { components } from '../api/schema';
import type { UploadHandle, UploadProblem, UploadTicket } from '../composer-seam';
import { forget, recall, remember } from '../device/storage';
import { uuidv7 } from '../sync/uuid';
import { startUpload } from '../upload';
import { Zip, type ZipEntry, ZipProblem } from './zip';

type Imported = components['schemas']['ImportedWall'];
type ImportedMedia = components['schemas']['ImportedMedia'];
type Kept = { version: number; board: { title?: string } };

/** What this service takes of it; more is refused by the server too. */
const MOST_BYTES = 16 * 1024 * 1024;
/** Files that are read out of the ZIP and sent at once. */
const AT_ONCE = 3;

export type Step = 'choose' | 'reading' | 'sending' | 'done';

/** A file that did not come along: why, by a stable code or in words. */
export interface Left {
  readonly name: string;
  readonly code: string;
  readonly detail: string;
  readonly retry: boolean;
}

/** A copy of a wall on its way to being one again. */
export class Import {
  step = $state<Step>('choose');
  wall = $state.raw<OwnedWall>();
  /** Files in all, and how many have been sent. */
  files = $state(0);
  sent = $state(0);
  /** From 0 to 100, of the bytes that are to be sent. */
  percent = $state(0);
  left = $state.raw<readonly Left[]>([]);
  /** Files that the copy itself has not. */
  without = $state(0);
  readonly #handles = new Map<string, UploadHandle>();
  #stopped = false;
  #again: (() => Promise<Imported>) | undefined;
  #zip: Zip | undefined;
  #folder = '';
  #memory = '';

  /** Makes the wall, and sends its files. Rejects with a `ZipProblem` or an `ApiProblem`, and has then made nothing. */
  async run(file: Blob): Promise<void> {
    this.step = 'reading';
    try {
      const zip = await Zip.open(file);
      const { entry, folder } = boardOf(zip);
      const kept = await transferOf(await zip.read(entry));
      // The same copy, chosen again, goes on with the wall that it began.
      this.#memory = `import.${entry.crc}-${entry.size}`;
      this.#zip = zip;
      this.#folder = folder;
      const made = await this.#make(kept);
      this.wall = made.wall;
      this.without = made.without.pictures;
      await this.#send(made.media);
    } catch (error) {
      this.step = 'choose';
      throw error;
    }
  }

  /** Sends again what could not be sent. */
  async retry(): Promise<void> {
    if (this.#again) await this.#send((await this.#again()).media);
  }

  /** Leaves the rest for when the same copy is chosen again. */
  stop(): void {
    this.#stopped = true;
    for (const handle of this.#handles.values()) handle.leave();
    this.#handles.clear();
  }

  async #make(kept: Kept): Promise<Imported> {
    const ask = (id: string) =>
      account.http.ask('post', '/api/v1/account/walls/import', {
        path: undefined,
        query: { id },
        body: kept,
      });
    const begin = async (id: string) => {
      remember(this.#memory, id);
      this.#again = () => ask(id);
      return ask(id);
    };
    const before = recall(this.#memory);
    try {
      return await begin(before ?? uuidv7());
    } catch (error) {
      // The wall that was begun has been deleted since.
      if (before && error instanceof ApiProblem && error.status === 404) return begin(uuidv7());
      throw error;
    }
  }

  async #send(media: readonly ImportedMedia[]): Promise<void> {
    this.step = 'sending';
    this.left = media
      .filter((one) => one.state === 'refused')
      .map((one) => ({
        name: one.name ?? one.file,
        code: one.refusal ?? '',
        detail: '',
        retry: false,
      }));
    const waiting = media.filter((one) => one.upload);
    const total = waiting.reduce((sum, one) => sum + (one.upload?.maxBytes ?? 0), 0);
    const bytes = new Map<string, number>();
    const progress = (id: string, sent: number) => {
      bytes.set(id, sent);
      const all = [...bytes.values()].reduce((sum, one) => sum + one, 0);
      this.percent = total ? Math.min(100, Math.floor((100 * all) / total)) : 100;
    };
    this.files = media.length;
    this.sent = media.length - waiting.length - this.left.length;
    const queue = [...waiting];
    const work = async () => {
      for (let one = queue.shift(); one && !this.#stopped; one = queue.shift()) {
        const { id, upload } = one;
        const failed = await this.#sendOne(one, (sent) => progress(id, sent));
        if (this.#stopped) return;
        if (failed) this.left = [...this.left, failed];
        else this.sent++;
        progress(id, upload?.maxBytes ?? 0);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    if (this.#stopped) return;
    if (!this.left.some((one) => one.retry)) forget(this.#memory);
    this.step = 'done';
  }

  /** Resolves with why a file is left, undefined once all of it was sent. */
  async #sendOne(one: ImportedMedia, progress: (sent: number) => void): Promise<Left | undefined> {
    const left = (code: string, detail = '', retry = false): Left => ({
      name: one.name ?? one.file,
      code,
      detail,
      retry,
    });
    const entry = this.#zip?.entries.get(this.#folder + one.file);
    if (!entry) return left('zip_missing');
    if (entry.size !== one.upload?.maxBytes) return left('zip_damaged');
    let file: Blob;
    try {
      file = (await this.#zip?.read(entry)) ?? new Blob();
    } catch (error) {
      return left(error instanceof ZipProblem ? error.code : 'zip_damaged');
    }
    if (this.#stopped) return undefined;
    const named = new File([file], one.name ?? '', { type: one.type ?? '' });
    const problem = await new Promise<UploadProblem | undefined>((resolve) => {
      const handle = startUpload(this.#ticketFor(one), named, one.id, {
        progress: (sent) => progress(sent),
        done: () => resolve(undefined),
        failed: (why) => {
          // Without a network it goes on by itself when there is one again.
          if (why.code !== 'network' || navigator.onLine) resolve(why);
        },
      });
      this.#handles.set(one.id, handle);
    });
    this.#handles.delete(one.id);
    return problem && left(problem.code, problem.detail, problem.retry);
  }

  #ticketFor(one: ImportedMedia): () => Promise<UploadTicket> {
    let known = one.upload;
    return async () => {
      const ticket =
        known ?? (await this.#again?.())?.media.find(({ id }) => id === one.id)?.upload;
      known = undefined;
      if (!ticket) throw new ApiProblem(409, { code: 'conflict' });
      return ticket;
    };
  }
}

/** The wall's own file, in the ZIP itself or in the one folder that was zipped again. */
function boardOf(zip: Zip): { entry: ZipEntry; folder: string } {
  const found = [...zip.entries.values()]
    .filter(({ name }) => /^(?:[^/]+\/)?board\.json$/.test(name) && !name.startsWith('__MACOSX/'))
    .sort((a, b) => a.name.length - b.name.length)[0];
  if (!found || found.size > MOST_BYTES) throw new ApiProblem(422, { code: 'zip_no_wall' });
  return { entry: found, folder: found.name.slice(0, -'board.json'.length) };
}

async function transferOf(blob: Blob): Promise<Kept> {
  try {
    const kept: unknown = JSON.parse(await blob.text());
    if (typeof kept === 'object' && kept !== null && 'version' in kept && 'board' in kept)
      return kept as Kept;
  } catch {
    // Told below.
  }
  throw new ApiProblem(422, { code: 'zip_no_wall' });
}
