import type { Attachment, Media } from '../api/types';
import type { AttachmentDraft, FileLeft, StartUpload } from '../composer-seam';
import { uuidv7 } from '../sync/uuid';
import type { KeptAttachment } from './drafts';
import { type FileFault, faultOf, markOfFile, sameFile } from './files';
import type { WebLink } from './links';
import { Picture } from './picture.svelte';
import { LIMITS } from './validate';

/** A link of the post being written. */
export class LinkItem {
  readonly kind = 'link';
  caption = $state('');
  url = $state('');

  constructor(
    readonly id: string,
    url: string,
    readonly alt = '',
    caption = '',
  ) {
    this.url = url;
    this.caption = caption;
  }
}

export type Item = Picture | LinkItem;

export interface Refusal {
  name: string;
  fault: FileFault;
}

export interface AttachmentPorts {
  startUpload: StartUpload;
  mediaState: (id: string) => Media | undefined;
}

/** The pictures and links of the post being written, in its order. */
export class Attachments {
  #items = $state.raw<readonly Item[]>([]);
  /** The last one taken out, which can come back. */
  #removed = $state.raw<{ item: Item; index: number }>();
  #refusals = $state.raw<readonly Refusal[]>([]);
  #waiting: (() => void)[] = [];
  readonly #ports: AttachmentPorts;

  constructor(ports: AttachmentPorts) {
    this.#ports = ports;
  }

  get items(): readonly Item[] {
    return this.#items;
  }

  get removed(): Item | undefined {
    return this.#removed?.item;
  }

  /** The files that were not taken when files were last added. */
  get refusals(): readonly Refusal[] {
    return this.#refusals;
  }

  get room(): number {
    return LIMITS.attachments - this.#items.length;
  }

  get pictures(): Picture[] {
    return this.#items.filter((item) => item.kind === 'picture');
  }

  get sending(): Picture[] {
    return this.pictures.filter((picture) => picture.status === 'sending');
  }

  /** Whether a picture needs the person before anything can be published. */
  get stuck(): boolean {
    return this.pictures.some((picture) => picture.stuck);
  }

  /** How much of what is being sent has been, from 0 to 1. */
  get progress(): number {
    const sending = this.sending;
    const total = sending.reduce((sum, picture) => sum + picture.total, 0);
    const sent = sending.reduce((sum, picture) => sum + picture.sent, 0);
    return total > 0 ? sent / total : 0;
  }

  /** Shows those of a post, or of a draft. */
  load(attachments: readonly (Attachment | KeptAttachment)[]): void {
    this.clear();
    this.#items = attachments.flatMap((attachment) => this.#itemOf(attachment));
  }

  addFiles(files: readonly File[]): void {
    const taken = files.filter((file) => faultOf(file) === undefined);
    this.#refusals = files.flatMap((file) => {
      const fault = faultOf(file);
      return fault ? [{ name: file.name, fault }] : [];
    });
    for (const file of taken) this.#addFile(file);
  }

  addLink(link: WebLink): LinkItem | undefined {
    if (this.room <= 0) return undefined;
    const item = new LinkItem(uuidv7(), link.url);
    this.#items = [...this.#items, item];
    return item;
  }

  /** Another file in the place of a picture; false when the file is not taken. */
  replace(picture: Picture, file: File): boolean {
    const fault = faultOf(file);
    this.#refusals = fault ? [{ name: file.name, fault }] : [];
    if (fault) return false;
    const mark = markOfFile(file);
    const resumes = picture.status === 'missing' && picture.mark && sameFile(picture.mark, mark);
    if (!resumes) picture.cancel();
    this.#send(picture, file, resumes ? picture.mediaId : uuidv7());
    return true;
  }

  retry(picture: Picture): void {
    picture.retry();
  }

  move(item: Item, by: -1 | 1): number {
    const from = this.#items.indexOf(item);
    const to = Math.max(0, Math.min(this.#items.length - 1, from + by));
    const others = this.#items.filter((other) => other !== item);
    this.#items = [...others.slice(0, to), item, ...others.slice(to)];
    return to;
  }

  /** Takes one out; it goes on being sent, for it can come back until the next one goes. */
  remove(item: Item): void {
    const index = this.#items.indexOf(item);
    if (index < 0) return;
    this.#forgetRemoved();
    this.#removed = { item, index };
    this.#items = this.#items.filter((other) => other !== item);
    this.#settle();
  }

  undoRemove(): Item | undefined {
    const removed = this.#removed;
    if (!removed || this.room <= 0) return undefined;
    this.#removed = undefined;
    this.#items = [
      ...this.#items.slice(0, removed.index),
      removed.item,
      ...this.#items.slice(removed.index),
    ];
    return removed.item;
  }

  /** Resolves when nothing is being sent any more, well or not. */
  async settled(): Promise<void> {
    if (this.sending.length === 0) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  toDraft(): AttachmentDraft[] {
    return this.#items.map(draftOf);
  }

  /** As `toDraft`, and how to know the files again. */
  toKeep(): KeptAttachment[] {
    return this.#items.map((item) =>
      item.kind === 'picture' && item.mark ? { ...draftOf(item), file: item.mark } : draftOf(item),
    );
  }

  /** The files that the network has not taken: from now on they are the caller's to send. */
  handOver(): FileLeft[] {
    return this.pictures.flatMap((picture) => picture.handOver() ?? []);
  }

  /** Drops all of them and stops what is being sent. */
  clear(): void {
    this.#forgetRemoved();
    for (const picture of this.pictures) picture.cancel();
    this.#items = [];
    this.#refusals = [];
    this.#settle();
  }

  /** Lets go of the previews; what is being sent goes on, for the draft counts on it. */
  leave(): void {
    this.#forgetRemoved();
    for (const picture of this.pictures) picture.release();
  }

  #itemOf(attachment: Attachment | KeptAttachment): Item[] {
    const { id, type, url, mediaId, caption = '', alt = '' } = attachment;
    if (type === 'link') return url === undefined ? [] : [new LinkItem(id, url, alt, caption)];
    if (mediaId === undefined) return [];
    const picture = new Picture({ id, mediaId, caption, alt }, this.#ports.mediaState);
    if ('file' in attachment) picture.recall(attachment.file);
    return [picture];
  }

  #addFile(file: File): void {
    if (this.room <= 0) return;
    const mark = markOfFile(file);
    const missing = this.pictures.find(
      (picture) => picture.status === 'missing' && picture.mark && sameFile(picture.mark, mark),
    );
    if (missing) {
      this.#send(missing, file, missing.mediaId);
      return;
    }
    const picture = new Picture({ id: uuidv7(), mediaId: uuidv7() }, this.#ports.mediaState);
    this.#items = [...this.#items, picture];
    this.#send(picture, file, picture.mediaId);
  }

  #send(picture: Picture, file: File, mediaId: string): void {
    picture.send(file, mediaId, this.#ports.startUpload, () => this.#settle());
  }

  #forgetRemoved(): void {
    const removed = this.#removed?.item;
    if (removed?.kind === 'picture') removed.cancel();
    this.#removed = undefined;
  }

  #settle(): void {
    if (this.sending.length > 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

function draftOf(item: Item): AttachmentDraft {
  const { id, caption, alt } = item;
  return item.kind === 'link'
    ? { id, type: 'link', url: item.url, caption, alt }
    : { id, type: 'media', mediaId: item.mediaId, caption, alt };
}
