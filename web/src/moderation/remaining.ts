import type { Lang } from '../i18n/index.svelte';

const MINUTE = 60_000;
/** Further away than this, in milliseconds, is not near. */
const NEAR = 60 * MINUTE;

/** « dans 5 minutes », when it is near; undefined otherwise. Both in milliseconds since 1970. */
export function remaining(at: number, now: number, lang: Lang): string | undefined {
  const left = at - now;
  if (left <= 0 || left > NEAR) return undefined;
  const words = new Intl.RelativeTimeFormat(lang, { numeric: 'always' });
  return words.format(Math.max(1, Math.ceil(left / MINUTE)), 'minute');
}
