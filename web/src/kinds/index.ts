import { audio } from './audio/kind';
import { file } from './file/kind';
import { KINDS, type Kind, type KindName, type UploadKind } from './kind';
import { link } from './link/kind';
import { picture } from './picture/kind';
import { video } from './video/kind';

export { KINDS, type Kind, type KindName, type UploadKind } from './kind';

export const kinds: Readonly<Record<KindName, Kind>> = { picture, video, audio, file, link };

/** What a file is called after its last dot, in lower case. */
export function extensionOf(name: string): string {
  return /\.([^.\s]{1,8})$/.exec(name)?.[1]?.toLowerCase() ?? '';
}

/** The kind of a file, by its type and its name: the first that takes it. */
export function kindOfFile({ type, name }: { type: string; name: string }): UploadKind {
  const found = KINDS.find((one) => kinds[one].takes(type.toLowerCase(), extensionOf(name)));
  return found === undefined || found === 'link' ? 'file' : found;
}
