import type { IconName } from '../ui/icons';

/** The kinds of content, in the order in which they are offered. */
export const KINDS = ['picture', 'video', 'audio', 'file', 'link'] as const;
export type KindName = (typeof KINDS)[number];
/** A kind whose content is sent as a file. */
export type UploadKind = Exclude<KindName, 'link'>;

/**
 * What a kind is by itself, in its folder; the card's part, the full view's and
 * the composer's row stand next to it and are gathered in the tables of
 * `attachments/cards.ts`, `post/views.ts` and `composer/rows.ts`. What it is
 * called is in the words of `kinds`.
 */
export interface Kind {
  readonly name: KindName;
  readonly icon: IconName;
  /** As the `accept` of a file input; empty for any file. */
  readonly accept: string;
  /** Whether a file is of this kind, by its media type and its extension in lower case. */
  takes(type: string, extension: string): boolean;
}
