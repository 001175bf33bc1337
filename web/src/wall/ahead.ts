/** After the first paint, and before the network has had time to fail, in milliseconds. */
const CALM_MS = 2_000;

/**
 * Fetches the parts that are needed just when nothing can be fetched: what
 * tells of a post that was not sent, and of a wall that does not answer.
 * The answer calls it off.
 */
export function fetchAhead(): () => void {
  const timer = setTimeout(() => {
    // Without them the page still says that a part is missing.
    void import('./UnsentPost.svelte').catch(() => undefined);
    void import('../pages/WallRefused.svelte').catch(() => undefined);
  }, CALM_MS);
  return () => clearTimeout(timer);
}
