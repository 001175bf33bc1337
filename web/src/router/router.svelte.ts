import { keepNothing } from '../device/storage';

/** The pages of the app and their addresses, over the History API. */
export type Route =
  | { readonly page: 'home' }
  | { readonly page: 'wall'; readonly board: string }
  | { readonly page: 'account'; readonly at: AccountPage }
  | { readonly page: 'missing' };

type AccountPage = 'signin' | 'setup' | 'walls' | 'invited';
const ACCOUNT = /^\/(signin|setup|walls|invited)\/?$/;
const WALL = /^\/w\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/?$/i;

export function routeOf(path: string): Route {
  if (path === '/') return { page: 'home' };
  const at = ACCOUNT.exec(path)?.[1] as AccountPage | undefined;
  if (at) return { page: 'account', at };
  const board = WALL.exec(path)?.[1];
  return board ? { page: 'wall', board: board.toLowerCase() } : { page: 'missing' };
}

/** What a site's ticket begins with, where a link has its secret. */
export const TICKET = 'ticket=';

/**
 * Takes a link's secret out of the address, so that it stays in no history, no
 * copied address and no screenshot. To call before anything else runs.
 */
export function takeSecret(): string | undefined {
  const secret = window.location.hash.slice(1);
  // Known again when the page is loaded again, without the ticket.
  const ticket = secret.startsWith(TICKET) || (window.history.state?.ticket && !secret);
  if (ticket) keepNothing();
  if (!secret || !/^\/(w\/|setup|invited)/.test(window.location.pathname)) return undefined;
  const state = ticket ? { ticket } : null;
  window.history.replaceState(state, '', window.location.pathname + window.location.search);
  return secret;
}

const asked = (board: string) => `fresque.asked.${board}`;

/**
 * Keeps the secret of a link that asks for a password until it has opened, in
 * this tab only: a phone that looks the password up elsewhere may drop the page.
 */
export function askAgainWith(board: string, secret: string | undefined): void {
  try {
    if (secret === undefined) sessionStorage.removeItem(asked(board));
    else sessionStorage.setItem(asked(board), secret);
  } catch {
    // The page itself still knows it.
  }
}

export function askedWith(board: string): string | undefined {
  try {
    return sessionStorage.getItem(asked(board)) ?? undefined;
  } catch {
    return undefined;
  }
}

/** A post of the wall that is open over it, and which of its attachments is asked for. */
export interface OpenPost {
  readonly id: string;
  readonly at: string | undefined;
}

/** `?post=…`, and `&at=…` for one of its attachments. */
function postOf(search: string): OpenPost | undefined {
  const asked = new URLSearchParams(search);
  const id = asked.get('post');
  return id ? { id, at: asked.get('at') ?? undefined } : undefined;
}

/** Where the person is. A secret is held for as long as it takes to open its wall, in memory only. */
export class Router {
  #route = $state.raw<Route>(routeOf(window.location.pathname));
  #post = $state.raw<OpenPost | undefined>(postOf(window.location.search));
  #path = window.location.pathname;
  #secret: string | undefined;
  /** Grows with every link opened, so that opening the same wall by another link starts again. */
  #visit = $state(0);

  constructor(secret: string | undefined) {
    this.#secret = secret;
  }

  get route(): Route {
    return this.#route;
  }

  get post(): OpenPost | undefined {
    return this.#post;
  }

  get visit(): number {
    return this.#visit;
  }

  get secret(): string | undefined {
    return this.#secret;
  }

  /** Follows the browser's own moves and plain clicks on the app's links, until the signal. */
  listen(signal: AbortSignal): void {
    window.addEventListener('popstate', () => this.#moved(), { signal });
    window.addEventListener('hashchange', () => this.#linkPasted(), { signal });
    document.addEventListener('click', (event) => this.#follow(event), { signal });
  }

  go(path: string, secret?: string): void {
    window.history.pushState(null, '', path);
    this.#secret = secret;
    this.#arrive();
    window.scrollTo(0, 0);
  }

  /** Shows another address of the page it is on, such as `?post=…`; in place of this one if told. */
  turn(search: string, instead = false): void {
    const { pathname } = window.location;
    if (instead) window.history.replaceState(window.history.state, '', pathname + search);
    else window.history.pushState({ ...window.history.state, over: true }, '', pathname + search);
    this.#post = postOf(search);
  }

  /** Closes the post: back to the wall it was opened from, which its address alone may not know. */
  close(): void {
    if (window.history.state?.over) window.history.back();
    else this.turn('', true);
  }

  /** A post opens and closes over its wall, which stays as it is. */
  #moved(): void {
    if (this.#path === window.location.pathname) this.#post = postOf(window.location.search);
    else this.#arrive();
  }

  #arrive(): void {
    this.#path = window.location.pathname;
    this.#post = postOf(window.location.search);
    this.#route = routeOf(this.#path);
    this.#visit += 1;
  }

  #linkPasted(): void {
    const secret = takeSecret();
    if (secret === undefined) return;
    this.#secret = secret;
    this.#arrive();
  }

  #follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.('a');
    if (!link || link.target || link.origin !== window.location.origin || link.hash) return;
    if (routeOf(link.pathname).page === 'missing') return;
    event.preventDefault();
    if (link.pathname === this.#path && link.search) this.turn(link.search);
    else this.go(link.pathname + link.search);
  }
}
