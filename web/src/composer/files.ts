import type { Limits } from '../api/types';
import type { ComposerRules } from '../composer-seam';
import { extensionOf, kindOfFile, kinds, type UploadKind } from '../kinds';
import { allows } from './rules';

export type FileFault =
  | 'media_too_large'
  | 'media_empty'
  | 'media_type'
  | 'media_captions'
  | 'media_kind'
  | 'media_board_full'
  | 'media_no_place';

/** A file that was not taken; `most` and `left` are in bytes. */
export interface Refusal {
  readonly name: string;
  readonly fault: FileFault;
  readonly most?: number;
}

/** The kinds that can be sent here, in the order in which they are offered. */
export function uploadKinds(rules: ComposerRules | undefined): UploadKind[] {
  const all: UploadKind[] = ['picture', 'video', 'audio', 'file'];
  const taken = rules?.limits?.kinds.map(({ kind }) => kind) ?? all;
  return all.filter((kind) => taken.includes(kind) && allows(rules, kind));
}

/** What the server says of a kind. */
export function limitOf(limits: Limits | undefined, kind: UploadKind) {
  return limits?.kinds.find((one) => one.kind === kind);
}

/** As the `accept` of a file input, for files of these kinds. */
export function acceptOf(limits: Limits | undefined, wanted: readonly UploadKind[]): string {
  return wanted
    .flatMap((kind) => {
      const extensions = limitOf(limits, kind)?.extensions.map((one) => `.${one}`) ?? [];
      // A picture by its type alone: a phone then makes one of these of its own format.
      if (kind === 'picture') return kinds.picture.accept;
      return [kinds[kind].accept, ...extensions].filter(Boolean);
    })
    .join(',');
}

/** The kind of a file: as the server would take it, else as it looks. */
export function kindOf(
  file: { type: string; name: string },
  limits: Limits | undefined,
): UploadKind {
  const looks = kindOfFile(file);
  if (looks !== 'file') return looks;
  const extension = extensionOf(file.name);
  return limits?.kinds.find((one) => one.extensions.includes(extension))?.kind ?? 'file';
}

/** Why a file would be refused, told before any of it is sent. */
export function faultOf(file: File, rules: ComposerRules | undefined): Refusal | undefined {
  const { name } = file;
  const limits = rules?.limits;
  const kind = kindOf(file, limits);
  if (!allows(rules, kind)) return { name, fault: 'media_kind' };
  if (file.size === 0) return { name, fault: 'media_empty' };
  const limit = limitOf(limits, kind);
  if (!limits) return undefined;
  if (!limit || !isTaken(file, limit)) return { name, fault: 'media_type' };
  if (file.size > limit.maxBytes) return { name, fault: 'media_too_large', most: limit.maxBytes };
  if (file.size > limits.bytesLeft) {
    return { name, fault: 'media_board_full', most: limits.bytesLeft };
  }
  return undefined;
}

/** What the server takes of captions, in bytes. */
const MOST_CAPTIONS = 1 << 20;

/** Whether captions can be sent here. */
export function takesCaptions(limits: Limits | undefined): boolean {
  return limits === undefined || limitOf(limits, 'file')?.extensions.includes('vtt') === true;
}

/** Why a file would be refused as captions. */
export function captionsFault(file: File, room: boolean): Omit<Refusal, 'name'> | undefined {
  if (!['vtt', 'srt'].includes(extensionOf(file.name))) return { fault: 'media_captions' };
  if (file.size === 0) return { fault: 'media_empty' };
  if (file.size > MOST_CAPTIONS) return { fault: 'media_too_large', most: MOST_CAPTIONS };
  return room ? undefined : { fault: 'media_no_place' };
}

function isTaken(file: File, limit: Limits['kinds'][number]): boolean {
  const [type = ''] = file.type.toLowerCase().split(';');
  return limit.types.includes(type) || limit.extensions.includes(extensionOf(file.name));
}

/** What tells one file of a disk from another without reading it. */
export interface FileMark {
  name: string;
  size: number;
  lastModified: number;
  /** Its media type; absent in drafts of the time when there were but pictures. */
  type?: string;
}

export function markOfFile({ name, size, lastModified, type }: File): FileMark {
  return { name, size, lastModified, type };
}

export function sameFile(a: FileMark, b: FileMark): boolean {
  return a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;
}

/** The files of a paste; none when it is text that comes with a picture of itself, as from Word. */
export function pastedFiles(data: DataTransfer | null): File[] {
  if (!data) return [];
  if (data.getData('text/plain').trim() !== '') return [];
  return [...data.files];
}

export function carriesFiles(data: DataTransfer | null): boolean {
  return data?.types.includes('Files') ?? false;
}
