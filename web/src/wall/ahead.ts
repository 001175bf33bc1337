import { language } from '../i18n/index.svelte';

/** After the first paint, and before the network has had time to fail, in milliseconds. */
const CALM_MS = 2_000;

/**
 * Fetches the parts that are needed just when nothing can be fetched: what
 * tells of a wall that does not answer, what shows unsent writes, and, for who
 * may write, what they write with. The answer calls it off.
 */
export function fetchAhead(writes: boolean): () => void {
  const timer = setTimeout(() => {
    const parts: Promise<unknown>[] = [
      import('../pages/WallRefused.svelte'),
      language.need('pages'),
      language.need('attachments'),
    ];
    if (writes) {
      parts.push(import('./ahead-parts').then((more) => Promise.allSettled(more.writersParts())));
    }
    // Without them the page still says that a part is missing.
    void Promise.allSettled(parts);
  }, CALM_MS);
  return () => clearTimeout(timer);
}
