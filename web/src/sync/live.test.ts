import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApiProblem } from '../api/problem';
import type { PostDraft } from '../composer-seam';
import { eraseBoard } from '../queue/device';
import type { Write } from '../queue/write';
import { LiveWall } from './live.svelte';
import { board, change, idOf, post, session, snapshot } from './samples';
import { BoardSession } from './session.svelte';

const draft: PostDraft = { title: 'Mine', body: '<p>Text</p>', attachments: [] };
const ME = idOf(900);
const create: Write = { kind: 'create', id: idOf(9), draft };

/** The board service, as far as one browser sees it. */
let routes: Map<string, (request: Request) => Response | Promise<Response>>;
let sent: string[];
let say: (events: string) => Promise<void>;
let wall: LiveWall;

async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const call = `${request.method} ${pathname.replace(`/api/v1/boards/${idOf(999)}`, '')}`;
  sent.push(call);
  const route = routes.get(call);
  if (!route) throw new TypeError('offline');
  return route(request);
}

function stream(request: Request): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      request.signal.addEventListener('abort', () => controller.error(new Error('cut off')));
      say = async (events) => {
        controller.enqueue(encoder.encode(events));
        await vi.advanceTimersByTimeAsync(300);
      };
    },
  });
  return new Response(body, { headers: { 'Content-Type': 'text/event-stream' } });
}

function event(cursor: number, one: ReturnType<typeof post>): string {
  return `event: change\nid: ${cursor}\ndata: ${JSON.stringify(change(one))}\n\n`;
}

function titles(): string[] {
  return wall.store.order.map((cell) => cell.doc.title);
}

function busy(): Response {
  return Response.json(
    { status: 503, code: 'store_unavailable', detail: 'Busy.' },
    { status: 503 },
  );
}

beforeEach(async () => {
  vi.useFakeTimers();
  sent = [];
  const others = { author: { id: idOf(901), name: 'Zoé' } };
  routes = new Map<string, (request: Request) => Response | Promise<Response>>([
    ['POST /api/v1/sessions', () => Response.json(session(), { status: 201 })],
    ['GET /snapshot', () => Response.json(snapshot([post(1, others), post(2, others)]))],
    ['GET /events', stream],
  ]);
  const made = new BoardSession({
    boardId: idOf(999),
    secret: 's',
    lang: () => 'fr',
    fetch: answer,
  });
  wall = new LiveWall(made);
  await made.start();
  await wall.start();
  await vi.advanceTimersByTimeAsync(0);
});

afterEach(async () => {
  wall.stop();
  await eraseBoard(idOf(999));
  vi.useRealTimers();
});

describe('LiveWall: what comes', () => {
  it('shows the snapshot, then what happens', async () => {
    expect(titles()).toEqual(['Post 2', 'Post 1']);
    await say(event(2, post(3)));
    expect(titles()).toEqual(['Post 3', 'Post 2', 'Post 1']);
    expect(wall.state).toBe('live');
  });

  it('takes in what the person may do, and which posts are theirs', async () => {
    expect(wall.session.may('board.edit')).toBe(false);
    const you = { role: 'moderator', abilities: ['board.edit'], own: [idOf(2)] };
    await say(`event: you\ndata: ${JSON.stringify(you)}\n\n`);
    expect(wall.session.may('board.edit')).toBe(true);
    expect(wall.session.moderates).toBe(true);
    expect(wall.store.owns(post(2))).toBe(true);
    expect(wall.store.owns(post(1))).toBe(false);
  });

  it('shows what a snapshot says at the same revision: its sight may have changed', async () => {
    wall.store.load(snapshot([post(1, { title: 'Otherwise' })]));
    expect(titles()).toEqual(['Otherwise']);
    wall.store.apply([change(post(1, { title: 'Repeated' }))]);
    expect(titles()).toEqual(['Otherwise']);
  });

  it('lets arrivals wait while a person reads, but not their own post', async () => {
    wall.reading = true;
    await say(event(2, post(3, { author: { id: idOf(901), name: 'Zoé' } })));
    await say(event(3, post(4, { own: true, author: { id: ME, name: 'Noé' } })));
    expect(titles()).toEqual(['Post 4', 'Post 2', 'Post 1']);
    expect(wall.arrivals).toBe(1);
    wall.reading = false;
    expect(titles()).toEqual(['Post 4', 'Post 3', 'Post 2', 'Post 1']);
    expect(wall.arrivals).toBe(0);
  });

  it('stands still while paused, counts what comes, and catches up', async () => {
    wall.pause(true);
    await say(event(2, post(3)) + event(3, post(3, { rev: 2 })) + event(4, post(4)));
    await say(
      event(5, post(4, { rev: 2, deleted: true })) + event(6, post(1, { rev: 2, title: 'New' })),
    );
    expect(titles()).toEqual(['Post 2', 'Post 1']);
    expect(wall.arrivals).toBe(1);
    wall.pause(false);
    expect(titles()).toEqual(['Post 3', 'Post 2', 'New']);
    expect(wall.arrivals).toBe(0);
  });

  it('outlives a change that it can’t read', async () => {
    await say(`event: change\nid: 2\ndata: {"kind":\n\n${event(3, post(3))}`);
    expect(titles()).toEqual(['Post 3', 'Post 2', 'Post 1']);
  });

  it('knows who is here for as long as it is connected, and may (S7)', async () => {
    const told = { count: 2, people: [{ id: ME, name: 'Noé' }] };
    await say(`event: presence\ndata: ${JSON.stringify(told)}\n\n`);
    expect(wall.presence).toEqual(told);
    const hidden = { kind: 'board', board: board({ rev: 2, presenceHidden: true }) };
    await say(`event: change\nid: 2\ndata: ${JSON.stringify(hidden)}\n\n`);
    expect(wall.presence).toBeUndefined();
    const again = { kind: 'board', board: board({ rev: 3 }) };
    await say(`event: change\nid: 3\ndata: ${JSON.stringify(again)}\n\n`);
    expect(wall.presence).toEqual(told);
    routes.delete('GET /events');
    await say('event: bye\ndata: {"retryMs":100}\n\n');
    expect(wall.presence).toBeUndefined();
  });

  it('takes a fresh snapshot when the stream can’t resume (S9)', async () => {
    routes.set('GET /snapshot', () => Response.json(snapshot([post(5)], { cursor: '90' })));
    await say('event: reset\n\n');
    expect(titles()).toEqual(['Post 5']);
  });
});

describe('LiveWall: whom others see', () => {
  const nameless = session({ participant: { id: ME, name: '' } });
  let made: BoardSession;

  beforeEach(async () => {
    wall.stop();
    sent = [];
    routes.set('POST /api/v1/sessions', () => Response.json(nameless));
    made = new BoardSession({ boardId: idOf(999), secret: 's', lang: () => 'fr', fetch: answer });
    wall = new LiveWall(made);
    await made.start();
    void wall.start();
    await vi.advanceTimersByTimeAsync(0);
  });

  it('shows the wall at once, and goes live with the name (S7)', async () => {
    expect(wall.loaded).toBe(true);
    expect(sent).not.toContain('GET /events');
    routes.set('POST /api/v1/sessions', () => Response.json(session()));
    await wall.giveName('Noé Garnier');
    await vi.advanceTimersByTimeAsync(0);
    expect(sent.filter((call) => call === 'GET /events')).toHaveLength(1);
    expect(wall.state).toBe('live');
  });

  it('goes live without one, if the person would rather not, and anew once they have one', async () => {
    wall.introduced();
    await vi.advanceTimersByTimeAsync(0);
    expect(wall.state).toBe('live');
    routes.set('POST /api/v1/sessions', () => Response.json(session()));
    await wall.giveName('Noé Garnier');
    await vi.advanceTimersByTimeAsync(0);
    expect(sent.filter((call) => call === 'GET /events')).toHaveLength(2);
    expect(wall.state).toBe('live');
  });
});

describe('LiveWall: what the person does', () => {
  it('publishes, and shows the post once though the stream repeats it (S11)', async () => {
    const mine = post(9, { ...draft, author: { id: ME, name: 'Noé' } });
    routes.set('POST /posts', async (request) => {
      expect(await request.json()).toEqual({ id: idOf(9), ...draft });
      return Response.json(mine, { status: 201 });
    });
    await (await wall.writes()).queue.add(create);
    await say(event(2, mine));
    expect(titles()).toEqual(['Mine', 'Post 2', 'Post 1']);
  });

  it('lets go of what it has just posted, once that is out of its sight', async () => {
    routes.set('POST /posts', () => Response.json(post(9, draft), { status: 201 }));
    await (await wall.writes()).queue.add(create);
    // Its section was deleted with all that was in it: no event tells of each post.
    const gone = { status: 404, code: 'not_found', detail: '' };
    routes.set(`GET /posts/${idOf(9)}`, () => Response.json(gone, { status: 404 }));
    await say('event: reset\n\n');
    expect(titles()).toEqual(['Post 2', 'Post 1']);
    // It is restored: the same revision is in sight again.
    routes.set('GET /snapshot', () => Response.json(snapshot([post(1), post(9, draft)])));
    await say('event: reset\n\n');
    expect(titles()).toEqual(['Mine', 'Post 1']);
  });

  it('keeps what it has just posted when nobody can tell whether that is still there', async () => {
    routes.set('POST /posts', () => Response.json(post(9, draft), { status: 201 }));
    await (await wall.writes()).queue.add(create);
    routes.set(`GET /posts/${idOf(9)}`, busy);
    await say('event: reset\n\n');
    expect(titles()).toEqual(['Mine', 'Post 2', 'Post 1']);
  });

  it('shows what could not be sent, and sends it when the stream is back (S18)', async () => {
    await (await wall.writes()).queue.add(create);
    expect(titles()[0]).toBe('Mine');
    expect(wall.unsent).toMatchObject([{ id: idOf(9), lasting: false }]);
    routes.set('POST /posts', () => Response.json(post(9, draft), { status: 201 }));
    await say('event: bye\ndata: {"retryMs":0}\n\n');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(wall.unsent).toEqual([]);
    expect(titles()[0]).toBe('Mine');
  });

  it('hands back to the author what only they can mend', async () => {
    const errors = [{ code: 'too_long', field: 'title', detail: 'Too long.' }];
    const body = { status: 422, code: 'invalid_input', detail: '', errors };
    routes.set('POST /posts', () => Response.json(body, { status: 422 }));
    const { queue } = await wall.writes();
    await expect(queue.add(create)).rejects.toMatchObject({
      status: 422,
      errors: [{ field: 'title' }],
    });
    expect(wall.unsent).toEqual([]);
  });

  it('tells a conflict and takes the current post in (S2)', async () => {
    const current = post(1, { rev: 7, title: 'Theirs' });
    routes.set(`PATCH /posts/${idOf(1)}`, (request) => {
      expect(request.headers.get('If-Match')).toBe('"1"');
      return Response.json(
        { status: 412, code: 'revision_conflict', detail: '', current: change(current) },
        { status: 412 },
      );
    });
    const { queue } = await wall.writes();
    const edited = queue.add({ kind: 'edit', id: idOf(1), draft, rev: 1 });
    await expect(edited).rejects.toMatchObject({ code: 'revision_conflict' });
    expect(titles()).toEqual(['Post 2', 'Theirs']);
  });

  it('removes at once and puts back when the server won’t', async () => {
    let refuse: (answer: Response) => void = () => undefined;
    routes.set(
      `DELETE /posts/${idOf(1)}`,
      () =>
        new Promise<Response>((resolve) => {
          refuse = resolve;
        }),
    );
    const { queue } = await wall.writes();
    const done = queue.remove(post(1)).catch((error: ApiProblem) => error.code);
    await vi.advanceTimersByTimeAsync(0);
    expect(titles()).toEqual(['Post 2']);
    refuse(Response.json({ status: 403, code: 'forbidden', detail: '' }, { status: 403 }));
    expect(await done).toBe('forbidden');
    expect(titles()).toEqual(['Post 2', 'Post 1']);
  });

  it('deletes without a condition at once, and on the seen revision after a while (S2)', async () => {
    const conditions: (string | null)[] = [];
    let answer = busy();
    routes.set(`DELETE /posts/${idOf(1)}`, (request) => {
      conditions.push(request.headers.get('If-Match'));
      return answer.clone();
    });
    const { queue } = await wall.writes();
    await queue.remove(post(1));
    await vi.advanceTimersByTimeAsync(15_000);
    answer = Response.json(post(1, { rev: 2, deleted: true }));
    await queue.flush();
    expect([conditions[0], conditions.at(-1)]).toEqual([null, '"1"']);
    expect(titles()).toEqual(['Post 2']);
  });

  it('undoes a deletion', async () => {
    routes.set(`DELETE /posts/${idOf(1)}`, () => Response.json(post(1, { rev: 2, deleted: true })));
    routes.set(`POST /posts/${idOf(1)}/restore`, () => Response.json(post(1, { rev: 3 })));
    const { queue } = await wall.writes();
    await queue.remove(post(1));
    expect(titles()).toEqual(['Post 2']);
    await queue.bringBack(post(1));
    expect(titles()).toEqual(['Post 2', 'Post 1']);
  });

  it('changes the wall’s title against the revision it shows', async () => {
    routes.set('PATCH ', async (request) => {
      expect(request.headers.get('If-Match')).toBe('"1"');
      return Response.json(board({ rev: 2, ...(await request.json()) }));
    });
    const { queue } = await wall.writes();
    await queue.add({ kind: 'board', id: idOf(999), changes: { title: 'Better' }, rev: 1 });
    expect(wall.store.board?.title).toBe('Better');
  });

  it('keeps its own new post when a snapshot is a little late, unless the server says it is gone', async () => {
    const mine = post(9, { ...draft, author: { id: ME, name: 'Noé' } });
    routes.set('POST /posts', () => Response.json(mine, { status: 201 }));
    await (await wall.writes()).queue.add(create);
    routes.set(`GET /posts/${idOf(9)}`, () => Response.json(mine));
    await say('event: reset\n\n');
    expect(titles()).toEqual(['Mine', 'Post 2', 'Post 1']);
    await vi.advanceTimersByTimeAsync(1_000);
    routes.set(`GET /posts/${idOf(9)}`, () => Response.json({ ...mine, rev: 2, deleted: true }));
    await say('event: reset\n\n');
    expect(titles()).toEqual(['Post 2', 'Post 1']);
  });
});
