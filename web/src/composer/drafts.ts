import type { AttachmentDraft, PostDraft } from '../composer-seam';
import { forget, recallJson, remember } from '../device/storage';
import type { FileMark } from './files';

/** What is kept on the device of an attachment; `file` tells which file it was. */
export interface KeptAttachment extends AttachmentDraft {
  file?: FileMark;
}

/** A post as it is kept on the device while it is written. `rev` is the revision being edited, 0 for a new post. */
export interface KeptDraft extends Omit<PostDraft, 'attachments'> {
  rev: number;
  attachments: KeptAttachment[];
}

/** One draft for each board, and one for each post being edited. */
export class DraftKeeper {
  readonly #key: string;
  readonly #rev: number;

  constructor(boardId: string, post: { id: string; rev: number } | undefined) {
    this.#key = post ? `draft.${boardId}.${post.id}` : `draft.${boardId}`;
    this.#rev = post?.rev ?? 0;
  }

  /** The draft left behind; one of an older revision would silently undo what came since. */
  find(): KeptDraft | undefined {
    const kept = recallJson(this.#key, isKept);
    if (kept && kept.rev !== this.#rev) this.clear();
    return kept?.rev === this.#rev ? kept : undefined;
  }

  keep(draft: Omit<KeptDraft, 'rev'>): void {
    remember(this.#key, JSON.stringify({ ...draft, rev: this.#rev }));
  }

  clear(): void {
    forget(this.#key);
  }
}

function isKept(value: unknown): value is KeptDraft {
  if (!isRecord(value)) return false;
  const { title, body, rev, attachments } = value;
  return (
    typeof title === 'string' &&
    typeof body === 'string' &&
    typeof rev === 'number' &&
    [value['sectionId'], value['colour']].every(isAbsentOrText) &&
    Array.isArray(attachments) &&
    attachments.every(isAttachment)
  );
}

function isAttachment(value: unknown): value is KeptAttachment {
  if (!isRecord(value)) return false;
  const { id, type, url, mediaId, caption, alt, file, captionsOf, language } = value;
  const target = type === 'link' ? url : type === 'media' ? mediaId : undefined;
  if (![captionsOf, language].every(isAbsentOrText)) return false;
  return [id, target, caption, alt].every((text) => typeof text === 'string') && isMark(file);
}

function isAbsentOrText(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function isMark(value: unknown): boolean {
  if (value === undefined) return true;
  if (!isRecord(value)) return false;
  const { name, size, lastModified, type } = value;
  const numbers = typeof size === 'number' && typeof lastModified === 'number';
  return typeof name === 'string' && numbers && isAbsentOrText(type);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
