import type { Lang } from './index.svelte';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** « il y a 5 min » for a day, then « 18 nov. », with the year when it is another one. */
export function relativeDate(at: number, now: number, lang: Lang): string {
  const ago = Math.max(0, now - at);
  const relative = new Intl.RelativeTimeFormat(lang, { numeric: 'auto', style: 'short' });
  if (ago < MINUTE) return relative.format(0, 'second');
  if (ago < HOUR) return relative.format(-Math.floor(ago / MINUTE), 'minute');
  if (ago < DAY) return relative.format(-Math.floor(ago / HOUR), 'hour');
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(lang, {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(at);
}

/** « mercredi 18 novembre 2026 à 14:05 ». */
export function fullDate(at: number, lang: Lang): string {
  return new Intl.DateTimeFormat(lang, { dateStyle: 'full', timeStyle: 'short' }).format(at);
}
