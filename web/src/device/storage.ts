/**
 * What this device remembers. Storage may be refused, full or shared with an
 * older version: nothing here throws, and what can't be read is not there.
 */
const PREFIX = 'fresque.';

export function recall(key: string): string | undefined {
  try {
    return localStorage.getItem(PREFIX + key) ?? undefined;
  } catch {
    return undefined;
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + key, value);
  } catch {
    // The choice then lasts as long as the page.
  }
}

export function forget(key: string): void {
  try {
    localStorage.removeItem(PREFIX + key);
  } catch {
    // Nothing was stored, then.
  }
}

/** Reads JSON that `accept` recognises; anything else is as if it were not there. */
export function recallJson<T>(key: string, accept: (value: unknown) => value is T): T | undefined {
  try {
    const value: unknown = JSON.parse(recall(key) ?? 'null');
    return accept(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
