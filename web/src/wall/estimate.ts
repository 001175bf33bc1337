import type { Attachment, Media, Post } from '../api/types';

/** Mean width of a character of body text, in pixels. */
const CHARACTER = 7.4;
const LINE = 24;
const PADDING = 16;
const LONGEST_BODY = 20 * LINE;

/**
 * A guess of a card's height in pixels, good enough for the scroll bar until
 * the card is shown and measured. Cheap: it runs for every post of the wall.
 */
export function estimateHeight(
  post: Post,
  width: number,
  media: (id: string) => Media | undefined,
): number {
  const room = width - 2 * PADDING;
  const perLine = Math.max(10, room / CHARACTER);
  const title = post.title ? Math.ceil(post.title.length / (perLine * 0.85)) * LINE : 0;
  const blocks = post.body.split('</p>').length + post.body.split('</li>').length - 2;
  const text = post.body.length - blocks * 7;
  const body = Math.min(LONGEST_BODY, (text / perLine + blocks * 0.8) * LINE);
  const attached = post.attachments.reduce(
    (sum, one) => sum + attachmentHeight(one, room, media),
    0,
  );
  return 72 + title + body + attached + PADDING;
}

function attachmentHeight(
  attachment: Attachment,
  room: number,
  media: (id: string) => Media | undefined,
): number {
  const caption = attachment.caption ? LINE : 0;
  if (attachment.embed) return (room * 9) / 16 + 44 + caption;
  if (attachment.type === 'link') return 72 + caption;
  const picture = media(attachment.mediaId ?? '')?.picture;
  const ratio = picture ? Math.min(picture.height / picture.width, 1.25) : 0.5;
  return room * ratio + 12 + caption;
}
