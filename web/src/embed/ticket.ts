import type { Session } from '../api/types';
import { TICKET } from '../router/router.svelte';
import { follow } from './around';
import { lookLike, lookOf } from './look';

/** The ticket that this page has used. */
let taken: string | undefined;

/** A ticket opens once, by `enter`; after that the page has what renews its session. */
export async function visit(
  secret: string,
  enter: (by: ReturnType<typeof entryBy>) => Promise<Session>,
  renew: () => Promise<Session>,
): Promise<Session> {
  if (secret === taken) return renew();
  const session = await enter(entryBy(secret));
  taken = secret;
  follow(session.site ?? {});
  return session;
}

/**
 * What a ticket is exchanged with for a session. The page looks as the ticket's
 * site does from here on, also where the ticket turns out to open nothing.
 */
export function entryBy(secret: string): { ticket: string; embedder?: string } {
  const ticket = secret.slice(TICKET.length);
  lookLike(lookOf(ticket));
  const embedder = embedderOf(window);
  return embedder === undefined ? { ticket } : { ticket, embedder };
}

type Frame = Pick<Window, 'location' | 'document' | 'parent'>;

/**
 * The origin of the page around this one; undefined where there is none, or
 * where the browser does not tell. Browsers that do not list ancestors name it as
 * the referrer, unless that page keeps it to itself.
 */
export function embedderOf(frame: Frame & { self: unknown }): string | undefined {
  if (frame.parent === frame.self) return undefined;
  const nearest = frame.location.ancestorOrigins?.[0];
  if (nearest) return nearest;
  try {
    return new URL(frame.document.referrer).origin;
  } catch {
    return undefined;
  }
}
