import { routeOf } from './router.svelte';

/** A wall's link taken apart; undefined when the text is not one. Any host: the path is what counts. */
export function readWallLink(
  text: string,
): { board: string; secret: string | undefined } | undefined {
  try {
    const url = new URL(text.trim(), window.location.origin);
    const route = routeOf(url.pathname);
    if (route.page !== 'wall') return undefined;
    return { board: route.board, secret: url.hash.slice(1) || undefined };
  } catch {
    return undefined;
  }
}
