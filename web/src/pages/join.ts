import { networkProblem, problemOf } from '../api/problem';
import type { Session } from '../api/types';
import { language } from '../i18n/index.svelte';
import { keepSession, keptSession } from '../sync/session.svelte';

/** The characters of a code: none that is taken for another. */
const CODE = /^[2-9A-HJKMNP-TV-Z]{6}$/;

/** A code as it was typed, put right; undefined when it cannot be one. */
export function readCode(typed: string): string | undefined {
  const code = typed.replace(/[\s.\-–]/g, '').toUpperCase();
  return CODE.test(code) ? code : undefined;
}

/** Exchanges a code for a session of its wall, which the device then keeps. Rejects with an `ApiProblem`. */
export async function enterByCode(code: string, password?: string): Promise<Session> {
  let session = await ask({ code, password });
  const { boardId } = session;
  const renewal = keptSession(boardId);
  // Somebody who comes back stays who they were, with their own posts.
  if (renewal !== undefined) {
    session = await ask({ code, password, boardId, renewal }).catch(() => session);
  }
  keepSession(session);
  return session;
}

async function ask(body: Readonly<Record<string, string | undefined>>): Promise<Session> {
  const response = await fetch('/api/v1/sessions', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Accept-Language': language.lang },
    body: JSON.stringify(body),
  }).catch(() => {
    throw networkProblem();
  });
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as Session;
}
