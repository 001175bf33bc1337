/** The kinds of pictures that the server takes. */
export const PICTURE_TYPES = ['image/jpeg', 'image/png', 'image/webp', 'image/gif'];
export const MAX_PICTURE_MIB = 30;

export type FileFault = 'media_too_large' | 'media_empty' | 'media_type';

/** Why a file would be refused, told before any of it is sent. */
export function faultOf(file: File): FileFault | undefined {
  if (!PICTURE_TYPES.includes(file.type)) return 'media_type';
  if (file.size === 0) return 'media_empty';
  return file.size > MAX_PICTURE_MIB * 1024 * 1024 ? 'media_too_large' : undefined;
}

/** What tells one file of a disk from another without reading it. */
export interface FileMark {
  name: string;
  size: number;
  lastModified: number;
}

export function markOfFile({ name, size, lastModified }: File): FileMark {
  return { name, size, lastModified };
}

export function sameFile(a: FileMark, b: FileMark): boolean {
  return a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;
}

/** The pictures of a paste; none when it is text that comes with a picture of itself, as from Word. */
export function pastedPictures(data: DataTransfer | null): File[] {
  if (!data) return [];
  if (data.getData('text/plain').trim() !== '') return [];
  return [...data.files].filter((file) => file.type.startsWith('image/'));
}

export function carriesFiles(data: DataTransfer | null): boolean {
  return data?.types.includes('Files') ?? false;
}
