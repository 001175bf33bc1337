import type { Lang } from './index.svelte';

const STEPS = [
  { unit: 'gigabyte', bytes: 1e9 },
  { unit: 'megabyte', bytes: 1e6 },
  { unit: 'kilobyte', bytes: 1e3 },
  { unit: 'byte', bytes: 1 },
] as const;

/** « 3,2 Mo ». */
export function readableSize(bytes: number, lang: Lang): string {
  const step = STEPS.find((one) => bytes >= one.bytes) ?? STEPS[3];
  const value = bytes / step.bytes;
  return new Intl.NumberFormat(lang, {
    style: 'unit',
    unit: step.unit,
    unitDisplay: 'short',
    maximumFractionDigits: step.bytes >= 1e6 && value < 10 ? 1 : 0,
  }).format(value);
}

/** « 2:05 », « 1:02:05 »; from seconds. */
export function readableDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
