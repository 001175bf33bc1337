import type { Lang } from './index.svelte';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Making a formatter costs more than a card: one of each per language is made, once. */
interface Formats {
  readonly relative: Intl.RelativeTimeFormat;
  readonly day: Intl.DateTimeFormat;
  readonly dayAndYear: Intl.DateTimeFormat;
  readonly full: Intl.DateTimeFormat;
}

const made = new Map<Lang, Formats>();

function formats(lang: Lang): Formats {
  const known = made.get(lang);
  if (known) return known;
  const day = { day: 'numeric', month: 'short' } as const;
  const fresh: Formats = {
    relative: new Intl.RelativeTimeFormat(lang, { numeric: 'auto', style: 'short' }),
    day: new Intl.DateTimeFormat(lang, day),
    dayAndYear: new Intl.DateTimeFormat(lang, { ...day, year: 'numeric' }),
    full: new Intl.DateTimeFormat(lang, { dateStyle: 'full', timeStyle: 'short' }),
  };
  made.set(lang, fresh);
  return fresh;
}

/** « il y a 5 min » for a day, then « 18 nov. », with the year when it is another one. */
export function relativeDate(at: number, now: number, lang: Lang): string {
  const ago = Math.max(0, now - at);
  const { relative, day, dayAndYear } = formats(lang);
  if (ago < MINUTE) return relative.format(0, 'second');
  if (ago < HOUR) return relative.format(-Math.floor(ago / MINUTE), 'minute');
  if (ago < DAY) return relative.format(-Math.floor(ago / HOUR), 'hour');
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return (sameYear ? day : dayAndYear).format(at);
}

/** « mercredi 18 novembre 2026 à 14:05 ». */
export function fullDate(at: number, lang: Lang): string {
  return formats(lang).full.format(at);
}
