import type { Attachment, Media } from '../api/types';
import type { KindName } from '../kinds/kind';

/** An attachment, what its upload has become, and how it is shown. */
export interface Shown {
  readonly attachment: Attachment;
  /** A link's is what is known of its page. Undefined until this browser may see it. */
  readonly media: Media | undefined;
  readonly kind: KindName;
}

/** Attachments of one kind that are shown together; all but pictures stand alone. */
export interface Together {
  readonly kind: KindName;
  readonly items: readonly Shown[];
}

/** What the card's part and the full view's part of each kind are given. */
export interface PartProps {
  /** At least one. */
  readonly items: readonly Shown[];
  /** The post's id. */
  readonly post: string;
  /** What the post is called, for the names of what it holds. */
  readonly title: string;
  /** Whether it is the person's own. */
  readonly mine: boolean;
  /** The attachment to begin with, in the full view. */
  readonly first?: string | undefined;
}

export function shownOf(
  attachments: readonly Attachment[],
  media: (id: string) => Media | undefined,
): Shown[] {
  return attachments.map((attachment) => {
    const found = media(attachment.mediaId ?? attachment.previewId ?? '');
    return { attachment, media: found, kind: kindOf(attachment, found) };
  });
}

/** In the post's order; its pictures stand where the first of them does. */
export function together(all: readonly Shown[]): Together[] {
  const pictures = all.filter(({ kind }) => kind === 'picture');
  return all.flatMap((one): Together[] => {
    if (one.kind !== 'picture') return [{ kind: one.kind, items: [one] }];
    return one === pictures[0] ? [{ kind: 'picture', items: pictures }] : [];
  });
}

/** Uploads of the time when there were but pictures have no kind. */
function kindOf({ type }: Attachment, media: Media | undefined): KindName {
  return type === 'link' ? 'link' : (media?.kind ?? 'picture');
}

/** What an attachment is called: as its author says, else as the file was. */
export function calledOf({ attachment, media }: Shown): string {
  return attachment.caption || media?.name || '';
}
