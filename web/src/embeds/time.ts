/** The most that a player takes for a start, in seconds. */
export const MOST = 999_999;

/** 90 as 1:30, 3723 as 1:02:03. */
export function clockOf(seconds: number): string {
  const whole = Math.floor(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** Reads 90, 1:30, 1:02:03, 1m30s or 1 h 2 min 3 s; empty is 0, undefined what is no time. */
export function readTime(text: string): number | undefined {
  const plain = text.trim().toLowerCase();
  const colons = /^(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,6})$/.exec(plain);
  const units = /^(?:(\d{1,3})\s*h)?\s*(?:(\d{1,4})\s*m(?:in)?)?\s*(?:(\d{1,6})\s*s)?$/.exec(plain);
  const parts = colons ?? units;
  if (!parts) return undefined;
  const [h, m, s] = parts.slice(1).map((part) => Number(part ?? 0)) as [number, number, number];
  const total = h * 3600 + m * 60 + s;
  return total <= MOST ? total : undefined;
}

/** The address of a video, or of its frame, that starts at a second. */
export function startingAt(address: string, seconds: number): string {
  const url = new URL(address);
  url.searchParams.delete('t');
  if (seconds > 0) url.searchParams.set('start', String(seconds));
  else url.searchParams.delete('start');
  return url.href;
}
