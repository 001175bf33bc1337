import type { Attachment, Media } from '../api/types';
import type { KindName } from '../kinds/kind';

/** An attachment, what its upload has become, and how it is shown. */
export interface Shown {
  readonly attachment: Attachment;
  /** A link's is what is known of its page. Undefined until this browser may see it. */
  readonly media: Media | undefined;
  readonly kind: KindName;
  /** Of a sound or a video: its captions. */
  readonly captions: readonly Captions[];
}

/** Captions that are ready, at an address, in a language such as fr. */
export interface Captions {
  readonly id: string;
  readonly language: string;
  readonly url: string;
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
  const captions = attachments.filter(({ captionsOf }) => captionsOf);
  return attachments
    .filter(({ captionsOf }) => !captionsOf)
    .map((attachment) => {
      const found = media(attachment.mediaId ?? attachment.previewId ?? '');
      const of = captions.filter(({ captionsOf }) => captionsOf === attachment.id);
      return {
        attachment,
        media: found,
        kind: kindOf(attachment, found),
        captions: of.flatMap((one) => readyCaptions(one, media)),
      };
    });
}

function readyCaptions(
  { id, mediaId = '', language = '' }: Attachment,
  media: (id: string) => Media | undefined,
): Captions[] {
  const found = media(mediaId);
  const url = found?.state === 'ready' ? found.file?.url : undefined;
  return url === undefined ? [] : [{ id, language, url }];
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
