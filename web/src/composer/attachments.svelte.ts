import type { Attachment, Media } from '../api/types';
import type {
  AttachmentDraft,
  ComposerRules,
  DraftFiles,
  FileLeft,
  StartUpload,
} from '../composer-seam';
import type { KindName } from '../kinds/kind';
import { uuidv7 } from '../sync/uuid';
import type { KeptAttachment } from './drafts';
import { captionsFault, faultOf, markOfFile, type Refusal, sameFile } from './files';
import type { WebLink } from './links';
import { Upload } from './upload.svelte';
import { LIMITS } from './validate';

/** A link of the post being written. */
export class LinkItem {
  readonly kind = 'link';
  caption = $state('');
  url = $state('');
  /** As a post would show it, once that is known. */
  shown = $state.raw<Attachment>();

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

export type Item = Upload | LinkItem;

export interface AttachmentPorts {
  startUpload: StartUpload;
  mediaState: (id: string) => Media | undefined;
  /** Reactive. */
  rules?: (() => ComposerRules | undefined) | undefined;
  files?: DraftFiles | undefined;
}

/** The uploads and links of the post being written, in its order. */
export class Attachments {
  #items = $state.raw<readonly Item[]>([]);
  /** Of the sounds and videos among the items, and of one that was taken out. */
  #captions = $state.raw<readonly Upload[]>([]);
  /** The last one taken out, which can come back. */
  #removed = $state.raw<{ item: Item; index: number }>();
  #refusals = $state.raw<readonly Refusal[]>([]);
  #waiting: (() => void)[] = [];
  readonly #ports: AttachmentPorts;

  constructor(ports: AttachmentPorts) {
    this.#ports = ports;
  }

  /** A link as a post would show it; undefined until that is known, and for an upload. */
  shownAs(id: string): Attachment | undefined {
    const item = this.#items.find((one) => one.id === id);
    return item?.kind === 'link' ? item.shown : undefined;
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

  /** How many a post may have. */
  get most(): number {
    return this.#ports.rules?.()?.limits?.perPost ?? LIMITS.attachments;
  }

  get room(): number {
    return this.most - this.#items.length - this.#shownCaptions.length;
  }

  get uploads(): Upload[] {
    const own = this.#items.filter((item) => item instanceof Upload);
    return [...own, ...this.#shownCaptions];
  }

  get #shownCaptions(): Upload[] {
    return this.#captions.filter((one) => this.#items.some(({ id }) => id === one.captionsOf));
  }

  /** The captions of a sound or a video. Reactive. */
  captionsOf({ id }: { id: string }): Upload[] {
    return this.#captions.filter((one) => one.captionsOf === id);
  }

  get sending(): Upload[] {
    return this.uploads.filter((upload) => upload.status === 'sending');
  }

  /** The kind of one, by its id. */
  kindOf({ id }: { id: string }): KindName {
    return this.#items.find((item) => item.id === id)?.kind ?? 'link';
  }

  /** Whether an upload needs the person before anything can be published. */
  get stuck(): boolean {
    return this.uploads.some((upload) => upload.stuck);
  }

  /** How much of what is being sent has been, from 0 to 1. */
  get progress(): number {
    const sending = this.sending;
    const total = sending.reduce((sum, one) => sum + one.total, 0);
    const sent = sending.reduce((sum, one) => sum + one.sent, 0);
    return total > 0 ? sent / total : 0;
  }

  /** Shows those of a post, or of a draft. */
  load(attachments: readonly (Attachment | KeptAttachment)[]): void {
    this.clear();
    const all = attachments.flatMap((attachment) => this.#itemOf(attachment));
    const isCaptions = (item: Item) => item instanceof Upload && item.captionsOf !== undefined;
    this.#items = all.filter((item) => !isCaptions(item));
    this.#captions = all.filter((item): item is Upload => isCaptions(item));
    for (const upload of this.uploads) if (upload.mark) void this.#goOn(upload);
  }

  /** Adds captions (WebVTT or SubRip) to a sound or a video; in the place of those in the same language. */
  addCaptions(item: Upload, file: File, language: string): void {
    const before = this.captionsOf(item).find((one) => one.language === language);
    const fault = captionsFault(file, before !== undefined || this.room > 0);
    this.#refusals = fault ? [{ name: file.name, ...fault }] : [];
    if (fault) return;
    if (before) this.removeCaptions(before);
    const ids = { id: uuidv7(), mediaId: uuidv7() };
    const upload = new Upload({ ...ids, captionsOf: item.id, language }, this.#ports.mediaState);
    this.#captions = [...this.#captions, upload];
    this.#send(upload, file, upload.mediaId);
  }

  removeCaptions(upload: Upload): void {
    this.#cancel(upload);
    this.#captions = this.#captions.filter((one) => one !== upload);
    this.#settle();
  }

  addFiles(files: readonly File[]): void {
    const refusals: Refusal[] = [];
    for (const file of files) {
      const refusal = this.#refuses(file);
      if (refusal) refusals.push(refusal);
      else this.#addFile(file);
    }
    this.#refusals = refusals;
  }

  addLink(link: WebLink): LinkItem | undefined {
    if (this.room <= 0) return undefined;
    const item = new LinkItem(uuidv7(), link.url);
    this.#items = [...this.#items, item];
    return item;
  }

  /** Another file in the place of an upload; false when the file is not taken. */
  replace(upload: Upload, file: File): boolean {
    const fault = faultOf(file, this.#ports.rules?.());
    this.#refusals = fault ? [fault] : [];
    if (fault) return false;
    const mark = markOfFile(file);
    const resumes = upload.status === 'missing' && upload.mark && sameFile(upload.mark, mark);
    if (!resumes) this.#cancel(upload);
    this.#send(upload, file, resumes ? upload.mediaId : uuidv7());
    return true;
  }

  retry(upload: Upload): void {
    upload.retry();
  }

  /** What the person has stopped goes on. */
  resume(): void {
    for (const upload of this.uploads) if (upload.status === 'paused') upload.retry();
  }

  move(item: Item, by: -1 | 1): number {
    return this.put(item, this.#items.indexOf(item) + by);
  }

  /** Puts one at a place, from 0; tells where it is then. */
  put(item: Item, place: number): number {
    const to = Math.max(0, Math.min(this.#items.length - 1, place));
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
    return [...this.#items, ...this.#shownCaptions].map(draftOf);
  }

  /** As `toDraft`, and how to know the files again. */
  toKeep(): KeptAttachment[] {
    return [...this.#items, ...this.#shownCaptions].map((item) =>
      item instanceof Upload && item.mark ? { ...draftOf(item), file: item.mark } : draftOf(item),
    );
  }

  /** The files that the network has not taken: from now on they are the caller's to send. */
  handOver(): FileLeft[] {
    return this.uploads.flatMap((upload) => upload.handOver() ?? []);
  }

  /** Drops all of them and stops what is being sent. */
  clear(): void {
    this.#forgetRemoved();
    for (const upload of this.uploads) this.#cancel(upload);
    this.#items = [];
    this.#captions = [];
    this.#refusals = [];
    this.#settle();
  }

  /** Lets go of the previews; what is being sent goes on, for the draft counts on it. */
  leave(): void {
    this.#forgetRemoved();
    for (const upload of this.uploads) upload.release();
  }

  /** The post is the wall's now: the device need not keep its files any more. */
  forget(): void {
    void this.#ports.files?.drop(this.uploads.map(({ mediaId }) => mediaId));
  }

  #itemOf(attachment: Attachment | KeptAttachment): Item[] {
    const { id, type, url, mediaId, caption = '', alt = '' } = attachment;
    if (type === 'link') return url === undefined ? [] : [new LinkItem(id, url, alt, caption)];
    if (mediaId === undefined) return [];
    const { captionsOf, language } = attachment;
    const start = { id, mediaId, caption, alt, captionsOf, language };
    const upload = new Upload(start, this.#ports.mediaState);
    if ('file' in attachment) upload.recall(attachment.file);
    return [upload];
  }

  /** A file that the device has kept goes on being sent where it stopped. */
  async #goOn(upload: Upload): Promise<void> {
    const { mediaId } = upload;
    const file = await this.#ports.files?.get(mediaId);
    const there = this.uploads.includes(upload) && upload.mediaId === mediaId;
    if (file && there && upload.status === 'missing') this.#send(upload, file, mediaId);
  }

  #refuses(file: File): Refusal | undefined {
    const fault = faultOf(file, this.#ports.rules?.());
    if (fault) return fault;
    const known = this.#missing(file) !== undefined;
    return this.room <= 0 && !known ? { name: file.name, fault: 'media_no_place' } : undefined;
  }

  #missing(file: File): Upload | undefined {
    const mark = markOfFile(file);
    return this.uploads.find(
      (upload) => upload.status === 'missing' && upload.mark && sameFile(upload.mark, mark),
    );
  }

  #addFile(file: File): void {
    const missing = this.#missing(file);
    if (missing) {
      this.#send(missing, file, missing.mediaId);
      return;
    }
    const upload = new Upload({ id: uuidv7(), mediaId: uuidv7() }, this.#ports.mediaState);
    this.#items = [...this.#items, upload];
    this.#send(upload, file, upload.mediaId);
  }

  #send(upload: Upload, file: File, mediaId: string): void {
    void this.#ports.files?.put(mediaId, file);
    upload.send(file, mediaId, this.#ports.startUpload, () => this.#settle());
  }

  #cancel(upload: Upload): void {
    upload.cancel();
    void this.#ports.files?.drop([upload.mediaId]);
  }

  #forgetRemoved(): void {
    const removed = this.#removed?.item;
    if (removed instanceof Upload) this.#cancel(removed);
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
  if (item.kind === 'link') return { id, type: 'link', url: item.url, caption, alt };
  const { mediaId, captionsOf, language = '' } = item as Upload;
  const media = { id, type: 'media' as const, mediaId, caption, alt };
  return captionsOf === undefined ? media : { ...media, captionsOf, language };
}
