import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { recall } from '../device/storage';
import { idOf, session } from './samples';
import { BoardSession, type SignedIn } from './session.svelte';

const BOARD = idOf(999);
const NOW = Date.parse('2026-11-18T09:00:00Z');

type Answer = (request: Request) => Response | Promise<Response>;

/** Requests in the order they were sent, with what was in them. */
let asked: { path: string; authorization: string | null; body: Record<string, string> }[];
let answers: Answer[];
let opened: BoardSession[];

function opens(changes: Parameters<typeof session>[0] = {}, date = NOW): Answer {
  return () =>
    Response.json(session(changes), {
      status: 201,
      headers: { Date: new Date(date).toUTCString() },
    });
}

function refuses(status: number, code: string): Answer {
  return () => Response.json({ status, code, detail: '' }, { status });
}

function open(secret?: string, signedIn?: () => Promise<SignedIn>): BoardSession {
  const made = new BoardSession({
    boardId: BOARD,
    secret,
    signedIn,
    lang: () => 'fr',
    fetch: async (request) => {
      const text = await request.clone().text();
      asked.push({
        path: new URL(request.url).pathname,
        authorization: request.headers.get('Authorization'),
        body: text ? JSON.parse(text) : {},
      });
      const answer = answers.shift();
      if (!answer) throw new TypeError('offline');
      return answer(request);
    },
  });
  opened.push(made);
  return made;
}

function get(): Request {
  return new Request('http://localhost/api/v1/boards/x/snapshot');
}

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  asked = [];
  answers = [];
  opened = [];
});

afterEach(() => {
  for (const one of opened) one.stop();
  vi.useRealTimers();
});

describe('BoardSession', () => {
  it('exchanges the secret; the token stays in memory, the renewal on the device', async () => {
    answers = [opens()];
    const made = open('secret-1');
    await made.start();
    expect(asked[0]?.body).toEqual({ boardId: BOARD, secret: 'secret-1' });
    expect(made.current?.role).toBe('writer');
    expect(recall(`session.${BOARD}`)).toBe('renewal-1');
    expect(JSON.stringify({ ...localStorage })).not.toMatch(/secret-1|token-1/);
  });

  it('is the same participant after a reload, without the link', async () => {
    answers = [opens(), opens()];
    await open('secret-1').start();
    await open().start();
    expect(asked[1]?.body).toEqual({ boardId: BOARD, renewal: 'renewal-1' });
  });

  it('is the same participant when the link is opened again', async () => {
    answers = [opens(), opens({ role: 'moderator' })];
    await open('secret-1').start();
    const again = open('secret-2');
    await again.start();
    expect(asked[1]?.body).toEqual({
      boardId: BOARD,
      secret: 'secret-2',
      renewal: 'renewal-1',
    });
    expect(again.current?.role).toBe('moderator');
  });

  it('keeps the access it has when a later link is bad', async () => {
    answers = [opens(), refuses(403, 'link_invalid'), opens()];
    await open('secret-1').start();
    const again = open('cut-sho');
    await again.start();
    expect(again.current?.role).toBe('writer');
  });

  it('says that the link is needed when there is nothing to enter with', async () => {
    await expect(open().start()).rejects.toMatchObject({ code: 'session_missing', status: 401 });
    expect(asked).toEqual([]);
  });

  it('says that the server does not answer, rather than that the link is bad', async () => {
    await expect(open('secret-1').start()).rejects.toMatchObject({ code: 'network', status: 0 });
  });

  it('renews one minute before the end, by the server’s clock', async () => {
    const ahead = 3 * 3_600_000;
    const expiresAt = new Date(NOW + ahead + 15 * 60_000).toISOString();
    answers = [opens({ expiresAt }, NOW + ahead), opens({ token: 'token-2' })];
    const made = open('secret-1');
    await made.start();
    await vi.advanceTimersByTimeAsync(14 * 60_000 - 1_000);
    expect(made.current?.token).toBe('token-1');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(made.current?.token).toBe('token-2');
  });

  it('renews once and repeats the request, body and all, when the server says 401', async () => {
    answers = [
      opens(),
      refuses(401, 'session_expired'),
      opens({ token: 'token-2' }),
      () => new Response('ok'),
    ];
    const made = open('secret-1');
    await made.start();
    const request = new Request('http://localhost/api/v1/boards/x/posts', {
      method: 'POST',
      body: '{"title":"a"}',
    });
    const response = await made.fetch(request);
    expect(await response.text()).toBe('ok');
    expect(asked.at(-1)).toEqual({
      path: '/api/v1/boards/x/posts',
      authorization: 'Bearer token-2',
      body: { title: 'a' },
    });
  });

  it('does not try for ever', async () => {
    answers = [opens(), refuses(401, 'x'), opens({ token: 'token-2' }), refuses(401, 'x')];
    const made = open('secret-1');
    await made.start();
    const response = await made.fetch(get());
    expect(response.status).toBe(401);
    expect(asked).toHaveLength(4);
  });

  it('renews once for all the requests that need it', async () => {
    answers = [
      opens(),
      refuses(401, 'x'),
      refuses(401, 'x'),
      opens({ token: 'token-2' }),
      () => new Response('a'),
      () => new Response('b'),
    ];
    const made = open('secret-1');
    await made.start();
    await Promise.all([made.fetch(get()), made.fetch(get())]);
    expect(asked.filter(({ path }) => path.endsWith('/sessions'))).toHaveLength(2);
  });

  it('asks for a name once, of those who may write', async () => {
    const nameless = { participant: { id: idOf(900), name: '' } };
    answers = [opens(nameless), opens()];
    const made = open('secret-1');
    await made.start();
    expect(made.needsName).toBe(true);
    await made.giveName('Noé');
    expect(asked[1]?.body).toEqual({ boardId: BOARD, renewal: 'renewal-1', name: 'Noé' });
    expect(made.needsName).toBe(false);
  });

  it('asks no name of a reader', async () => {
    answers = [opens({ role: 'reader', participant: { id: idOf(900), name: '' }, abilities: [] })];
    const made = open('secret-1');
    await made.start();
    expect(made.needsName).toBe(false);
    expect(made.may('post.create')).toBe(false);
  });

  it('works where storage is refused', async () => {
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('refused', 'SecurityError');
    });
    vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
      throw new DOMException('refused', 'SecurityError');
    });
    answers = [opens(), opens({ token: 'token-2' })];
    const made = open('secret-1');
    await made.start();
    await made.renew();
    expect(made.current?.token).toBe('token-2');
  });
});

describe('somebody who has signed in', () => {
  const ada = (own: boolean) => async (): Promise<SignedIn> => ({
    token: 'account',
    open: async () => {
      if (!own) throw new Error('not theirs');
      return { session: session({ role: 'owner' }), at: null };
    },
  });

  it('opens a wall of their own as its owner, without its link', async () => {
    const made = open(undefined, ada(true));
    expect((await made.start()).role).toBe('owner');
    expect(asked).toEqual([]);
    expect(made.moderates).toBe(true);
  });

  it('comes by a link as themselves', async () => {
    answers = [opens()];
    await open('secret', ada(true)).start();
    expect(asked[0]?.body).toMatchObject({ secret: 'secret', account: 'account' });
  });

  it('comes back to a wall that is not theirs as before', async () => {
    answers = [opens(), opens()];
    await open('secret').start();
    await open(undefined, ada(false)).start();
    expect(asked[1]?.body).toHaveProperty('renewal');
  });

  it('comes as a guest when the account can not be reached', async () => {
    answers = [opens()];
    await open('secret', () => Promise.reject(new Error('offline'))).start();
    expect(asked[0]?.body).not.toHaveProperty('account');
  });
});
