import type { Attachment, Media, Post } from '../api/types';

/** Mean width of a character of body text, in pixels. */
const CHARACTER = 7.4;
const LINE = 24;
const PADDING = 16;
/** What a published post's reactions and comments take. */
const FOOT = 32;
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
  const attached = attachedHeight(post.attachments, room, media);
  const foot = post.state === 'published' ? FOOT : 0;
  return 72 + title + body + attached + foot + PADDING;
}

function attachedHeight(
  attachments: readonly Attachment[],
  room: number,
  media: (id: string) => Media | undefined,
): number {
  let sum = 0;
  const pictures: Media[] = [];
  for (const { type, embed, caption, captionsOf, mediaId = '' } of attachments) {
    if (captionsOf) continue;
    const found = media(mediaId);
    if (embed) sum += (room * 9) / 16 + 44;
    else if (type === 'link') sum += 72;
    else if (found?.kind === 'audio') sum += 112;
    else if (found?.kind === 'file') sum += 90;
    else if (found?.kind === 'video') sum += (room * 9) / 16;
    else if (found) pictures.push(found);
    else sum += room / 2;
    if (caption) sum += LINE;
  }
  // Several pictures are an album of four at most, in squares.
  const rows = pictures.length > 2 ? 2 : 1;
  if (pictures.length > 1) return sum + (rows * room) / 2;
  const { picture } = pictures[0] ?? {};
  const ratio = picture ? Math.min(picture.height / picture.width, 1.25) : 0.5;
  return sum + (pictures.length > 0 ? room * ratio + 12 : 0);
}
