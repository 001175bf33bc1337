/**
 * What this device remembers. Storage may be refused, full or shared with an
 * older version: nothing here throws, and what can't be read is not there.
 */
const PREFIX = 'fresque.';

/** What lasts as long as the page. */
const memory = new Map<string, string>();

/** Whether anything is left on the device: nothing is of somebody whom a site let in by a ticket. */
export let lasting = true;

/** From here on this page leaves nothing on the device. */
export function keepNothing(): void {
  lasting = false;
}

export function recall(key: string): string | undefined {
  try {
    return memory.get(key) ?? (lasting ? localStorage.getItem(PREFIX + key) : null) ?? undefined;
  } catch {
    return undefined;
  }
}

export function remember(key: string, value: string): void {
  memory.set(key, value);
  if (!lasting) return;
  try {
    localStorage.setItem(PREFIX + key, value);
    memory.delete(key);
  } catch {
    // It then lasts as long as the page.
  }
}

export function forget(key: string): void {
  memory.delete(key);
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
