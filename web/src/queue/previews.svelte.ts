import type { Media, Picture } from '../api/types';
import { kindOfFile } from '../kinds';

/** Files that wait to be sent, in the shape of those that the wall has. */
export class Previews {
  #shown = $state.raw<Readonly<Record<string, Media>>>({});
  readonly #asked = new Set<string>();
  readonly #file: (mediaId: string) => Promise<File | undefined>;
  readonly #owner: string;

  constructor(owner: string, file: (mediaId: string) => Promise<File | undefined>) {
    this.#owner = owner;
    this.#file = file;
  }

  /** Reactive; stays once there, for the wall's own takes a while to be made. */
  get(mediaId: string): Media | undefined {
    return this.#shown[mediaId];
  }

  /** Makes those that are not there yet. */
  show(mediaIds: Iterable<string>): void {
    for (const id of mediaIds) {
      if (this.#asked.has(id)) continue;
      this.#asked.add(id);
      // A file that is no picture is told by the server.
      void this.#make(id).catch(() => undefined);
    }
  }

  stop(): void {
    for (const { picture, file } of Object.values(this.#shown)) {
      for (const { url } of [...(picture?.variants ?? []), ...(file ? [file] : [])]) {
        URL.revokeObjectURL(url);
      }
    }
  }

  async #make(mediaId: string): Promise<void> {
    const file = await this.#file(mediaId);
    if (!file) return;
    const kind = kindOfFile(file);
    const url = URL.createObjectURL(file);
    const { name, type, size } = file;
    const now = new Date().toISOString();
    const media: Media = {
      id: mediaId,
      rev: 0,
      createdAt: now,
      updatedAt: now,
      ownerId: this.#owner,
      state: 'ready',
      kind,
      name,
      type,
      size,
      ...(kind === 'picture'
        ? { picture: await pictureOf(file, url) }
        : { file: { url, type, size } }),
    };
    this.#shown = { ...this.#shown, [mediaId]: media };
  }
}

async function pictureOf(file: File, url: string): Promise<Picture> {
  const bitmap = await createImageBitmap(file);
  const { width, height } = bitmap;
  bitmap.close();
  const variants = [{ url, type: file.type, width, height, bytes: file.size }];
  return { width, height, colour: '', placeholder: '', variants };
}
