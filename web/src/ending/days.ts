import type { Lang } from '../i18n/index.svelte';

const DAY = 24 * 60 * 60 * 1000;

/** Whether an end is so near that it is told more visibly. */
export function isNear(at: number, now: number): boolean {
  return at - now <= 30 * DAY;
}

/** « 12 mars 2027 ». */
export function longDay(at: number, lang: Lang): string {
  return new Intl.DateTimeFormat(lang, { dateStyle: 'long' }).format(at);
}
