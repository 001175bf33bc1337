import { type MessageKey, t } from '../i18n/index.svelte';

/** The codes of the media service that have words of their own. */
const KNOWN: ReadonlySet<string> = new Set([
  'media_too_large',
  'media_too_many_pixels',
  'media_type_unsupported',
  'media_type_mismatch',
  'media_not_a_picture',
  'media_polyglot',
  'media_macros',
  'media_locked',
  'media_bomb',
  'media_damaged',
  'media_not_playable',
  'media_not_captions',
  'media_too_slow',
  'media_infected',
  'media_not_scannable',
  'media_empty',
  'media_abandoned',
]);

/** Why an upload was refused, and what may help; from the words of `attachments`. */
export function wordsOfRefusal(code = ''): string {
  return t(
    (KNOWN.has(code) ? `attachments.refused_${code}` : 'attachments.refused_unknown') as MessageKey,
  );
}
