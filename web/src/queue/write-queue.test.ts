import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiProblem } from '../api/problem';
import type { Change, Post } from '../api/types';
import { idOf, post } from '../sync/samples';
import { WallStore } from '../sync/store.svelte';
import { MemoryKeep } from './keep';
import { MOST_BYTES } from './queue';
import { create, draft, edit, FakeServer, ME, type Weather } from './samples';
import { viewOf } from './view';
import type { Waiting, Write } from './write';
import { PATIENCE_MS, WriteQueue } from './write-queue';

let opened: Browser[] = [];

/** One tab: its wall, and its end of a queue that outlives it. */
class Browser {
  readonly lost: string[] = [];
  readonly wall = new WallStore();
  readonly uploads: string[] = [];
  readonly queue: WriteQueue;
  online = true;
  waiting: readonly Waiting[] = [];

  constructor(
    readonly server: FakeServer,
    keep = new MemoryKeep(),
    send: (write: Write, waited: boolean) => Promise<Change | undefined> = server.send,
  ) {
    this.wall.apply([...server.posts.values()].map((one) => ({ kind: 'post', post: one })));
    this.queue = new WriteQueue({
      owner: 'b1.p1',
      keep,
      send,
      upload: async (_file, mediaId) => {
        if (server.weather() === 'cut') throw new ApiProblem(0, { code: 'network' });
        this.uploads.push(mediaId);
      },
      reachable: () => this.online,
      lost: (problem) => this.lost.push(problem.code),
      acknowledged: (change) => this.wall.apply([change]),
      show: (view) => {
        const truth = {
          post: (id: string) => this.wall.post(id)?.told,
          comment: () => undefined,
          board: undefined,
          me: ME,
        };
        const { posts, waiting } = viewOf(view, truth);
        this.wall.pend(posts);
        this.waiting = waiting;
      },
    });
    opened.push(this);
  }

  titles(): string[] {
    return this.wall.order.map((cell) => cell.doc.title);
  }
}

async function open(server = new FakeServer(), keep = new MemoryKeep()): Promise<Browser> {
  const browser = new Browser(server, keep);
  await browser.queue.open();
  return browser;
}

async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

function picture(mediaId: string): Write {
  const attachments = [{ id: 'a', type: 'media' as const, mediaId, caption: '', alt: '' }];
  return { kind: 'create', id: idOf(1), draft: { ...draft('Photo'), attachments } };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  for (const browser of opened) browser.queue.stop();
  opened = [];
  vi.useRealTimers();
});

describe('S18: a write', () => {
  it('is done when the server has answered, and never shown as waiting before its time', async () => {
    const browser = await open();
    await browser.queue.add(create(1));
    expect(browser.titles()).toEqual(['Post 1']);
    expect(browser.waiting).toEqual([]);
    expect(browser.wall.order[0]?.pending).toBeUndefined();
  });

  it('is shown at once without a network, and goes by itself when there is one', async () => {
    const browser = await open();
    browser.online = false;
    await browser.queue.add(create(1));
    expect(browser.titles()).toEqual(['Post 1']);
    expect(browser.waiting).toMatchObject([{ id: idOf(1), kind: 'create', trouble: undefined }]);
    const [cell] = browser.wall.order;
    browser.online = true;
    window.dispatchEvent(new Event('online'));
    await settle();
    expect(browser.server.done).toEqual([`${idOf(1)} 1`]);
    expect(browser.waiting).toEqual([]);
    expect(browser.wall.order).toEqual([cell]);
  });

  it('waits in sight when the answer is slow', async () => {
    let answer: (change: undefined) => void = () => undefined;
    const slow = () => new Promise<undefined>((resolve) => (answer = resolve));
    const browser = new Browser(new FakeServer(), new MemoryKeep(), slow);
    const done = browser.queue.add(create(1));
    await vi.advanceTimersByTimeAsync(PATIENCE_MS - 1);
    expect(browser.waiting).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await done;
    expect(browser.titles()).toEqual(['Post 1']);
    expect(browser.waiting).toHaveLength(1);
    answer(undefined);
    await settle();
    expect(browser.waiting).toEqual([]);
  });

  it('is tried again until it gets through, and done once (S3)', async () => {
    const browser = await open();
    const weather: Weather[] = ['cut', 'deaf', 'deaf'];
    browser.server.weather = () => weather.shift() ?? 'fine';
    await browser.queue.add(create(1));
    expect(browser.waiting).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(browser.waiting).toEqual([]);
    expect(browser.server.done).toEqual([`${idOf(1)} 1`]);
  });

  it('outlives its tab', async () => {
    const keep = new MemoryKeep();
    const first = await open(new FakeServer(), keep);
    first.online = false;
    await first.queue.add(create(1));
    await first.queue.add(create(2));
    await first.queue.add(edit(1, 'Later'));
    first.queue.stop();
    const second = await open(first.server, keep);
    await settle();
    expect(first.server.done).toEqual([`${idOf(1)} 1`, `${idOf(2)} 1`]);
    expect(second.titles()).toEqual(['Post 2', 'Later']);
  });

  it('that the author can mend goes back to them, and is not kept', async () => {
    const refuse = async () => {
      throw new ApiProblem(422, { code: 'invalid_input' });
    };
    const browser = new Browser(new FakeServer(), new MemoryKeep(), refuse);
    await expect(browser.queue.add(create(1))).rejects.toMatchObject({ status: 422 });
    expect(browser.titles()).toEqual([]);
    expect(browser.waiting).toEqual([]);
  });

  it('that was refused while nobody was waiting stays in sight, and others go on', async () => {
    const server = new FakeServer();
    const keep = new MemoryKeep();
    const send = async (write: Write) => {
      if (write.id === idOf(1)) throw new ApiProblem(403, { code: 'forbidden', detail: 'No.' });
      return server.send(write);
    };
    const browser = new Browser(server, keep, send);
    browser.online = false;
    await browser.queue.add(create(1));
    await browser.queue.add(create(2));
    browser.online = true;
    await browser.queue.flush();
    expect(browser.titles().sort()).toEqual(['Post 1', 'Post 2']);
    expect(browser.waiting).toMatchObject([
      { id: idOf(1), trouble: { status: 403, detail: 'No.' } },
    ]);
    await browser.queue.giveUp(idOf(1));
    expect(browser.titles()).toEqual(['Post 2']);
  });

  it('waits for a session, without being refused', async () => {
    const expired = async () => {
      throw new ApiProblem(401, { code: 'session_expired' });
    };
    const browser = new Browser(new FakeServer(), new MemoryKeep(), expired);
    await browser.queue.add(create(1));
    expect(browser.waiting).toMatchObject([{ trouble: undefined }]);
  });
});

describe('S2, S18: an edit made on an old version', () => {
  async function conflict() {
    const server = new FakeServer();
    await server.send(create(1, 'First'));
    const browser = await open(server);
    browser.online = false;
    await browser.queue.add(edit(1, 'Mine', 1));
    await server.send(edit(1, 'Theirs', 1));
    browser.online = true;
    await browser.queue.flush();
    return { server, browser };
  }

  it('is neither dropped nor put over the other', async () => {
    const { server, browser } = await conflict();
    expect(server.live()[0]?.title).toBe('Theirs');
    expect(browser.titles()).toEqual(['Mine']);
    expect(browser.waiting[0]?.trouble?.current?.post?.title).toBe('Theirs');
  });

  it('replaces the other when the person chooses so', async () => {
    const { server, browser } = await conflict();
    await browser.queue.add(edit(1, 'Mine', 2));
    expect(server.live()[0]?.title).toBe('Mine');
    expect(browser.waiting).toEqual([]);
  });

  it('gives way when the person chooses so', async () => {
    const { browser } = await conflict();
    await browser.queue.giveUp(idOf(1));
    expect(browser.titles()).toEqual(['Theirs']);
  });

  it('can become a post of its own when the other is gone', async () => {
    const server = new FakeServer();
    await server.send(create(1, 'First'));
    const browser = await open(server);
    browser.online = false;
    await browser.queue.add(edit(1, 'Mine', 1));
    await server.send({ kind: 'delete', id: idOf(1), rev: 1 });
    browser.online = true;
    await browser.queue.flush();
    expect(browser.waiting).toMatchObject([{ kind: 'edit', trouble: { status: 404 } }]);
    await browser.queue.publishAnew(idOf(1));
    await settle();
    expect(server.live().map(({ title }) => title)).toEqual(['Mine']);
  });

  it('is no conflict with one’s own write that came through meanwhile', async () => {
    const browser = await open();
    await browser.queue.add(create(1));
    await browser.queue.add(edit(1, 'b', 0));
    await browser.queue.add(edit(1, 'c', 1));
    expect(browser.server.live()[0]).toMatchObject({ title: 'c', rev: 3 });
  });
});

describe('S18: pictures', () => {
  const file = new File(['abc'], 'a.png', { type: 'image/png' });

  it('are kept, and sent before their post', async () => {
    const keep = new MemoryKeep();
    const first = await open(new FakeServer(), keep);
    first.online = false;
    await first.queue.add(picture('m1'), [{ mediaId: 'm1', file }]);
    expect(await keep.file('m1')).toBe(file);
    first.queue.stop();
    const weather: Weather[] = ['cut'];
    first.server.weather = () => weather.shift() ?? 'fine';
    const second = await open(first.server, keep);
    await settle();
    expect([second.uploads, first.server.done]).toEqual([[], []]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([second.uploads, first.server.done]).toEqual([['m1'], [`${idOf(1)} 1`]]);
    expect(await keep.file('m1')).toBeUndefined();
  });

  it('have a limit, which is told, and the queue stays as it was', async () => {
    const browser = await open();
    browser.online = false;
    const large = { size: MOST_BYTES + 1 } as File;
    const added = browser.queue.add(picture('m1'), [{ mediaId: 'm1', file: large }]);
    await expect(added).rejects.toMatchObject({ code: 'queue_full' });
    expect(browser.waiting).toEqual([]);
  });

  it('come back with a post that was given up', async () => {
    const keep = new MemoryKeep();
    const browser = await open(new FakeServer(), keep);
    browser.online = false;
    await browser.queue.add(picture('m1'), [{ mediaId: 'm1', file }]);
    const given = browser.wall.order[0]?.doc as Post;
    await browser.queue.giveUp(idOf(1));
    expect(await keep.file('m1')).toBeUndefined();
    await browser.queue.bringBack(given);
    expect(browser.titles()).toEqual(['Photo']);
    expect(await keep.file('m1')).toBe(file);
  });
});

describe('S18: deletions', () => {
  it('are shown at once, and undone without the server when it has not heard of them', async () => {
    const server = new FakeServer();
    await server.send(create(1));
    const browser = await open(server);
    browser.online = false;
    const given = browser.wall.order[0]?.doc as Post;
    await browser.queue.remove(given);
    expect(browser.titles()).toEqual([]);
    await browser.queue.bringBack(given);
    expect(browser.titles()).toEqual(['Post 1']);
    browser.online = true;
    await browser.queue.flush();
    expect(server.done).toHaveLength(1);
  });

  it('that are refused bring the post back, with the reason', async () => {
    const server = new FakeServer();
    await server.send(create(1));
    const forbidden = async () => {
      throw new ApiProblem(403, { code: 'forbidden' });
    };
    const browser = new Browser(server, new MemoryKeep(), forbidden);
    browser.online = false;
    await browser.queue.remove(post(1, { rev: 1 }));
    browser.online = true;
    await browser.queue.flush();
    expect(browser.titles()).toEqual(['Post 1']);
    expect(browser.waiting).toMatchObject([{ kind: 'delete', trouble: { status: 403 } }]);
  });
});

type Act =
  | { kind: 'create' }
  | { kind: 'edit' | 'remove' | 'giveUp'; at: number }
  | { kind: 'undo' }
  | { kind: 'reload' }
  | { kind: 'flush' }
  | { kind: 'weather'; weather: Weather; online: boolean };

const weather = fc.constantFrom<Weather>('fine', 'cut', 'deaf');
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('create' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('edit' as const, 'remove' as const),
      at: fc.nat(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('undo' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reload' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('flush' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('weather' as const), weather, online: fc.boolean() }),
  },
);

/** A person at work in any weather, and the wall that they mean. */
class Person {
  readonly server = new FakeServer();
  readonly keep = new MemoryKeep();
  readonly meant = new Map<string, string>();
  made = 0;
  browser = new Browser(this.server, this.keep);
  #removed: Post | undefined;

  async does(one: Act): Promise<void> {
    const { queue, wall } = this.browser;
    const cell = 'at' in one ? wall.order[one.at % wall.order.length] : undefined;
    switch (one.kind) {
      case 'create':
        this.made += 1;
        this.meant.set(idOf(this.made), `Post ${this.made}`);
        return queue.add(create(this.made));
      case 'edit': {
        if (!cell) return;
        const { id, rev, title } = cell.doc;
        this.meant.set(id, `${title}+`);
        return queue.add({ kind: 'edit', id, draft: draft(`${title}+`), rev });
      }
      case 'remove':
        if (!cell) return;
        this.#removed = cell.doc;
        this.meant.delete(cell.id);
        return queue.remove(cell.doc);
      case 'undo': {
        const back = this.#removed;
        this.#removed = undefined;
        if (!back) return;
        this.meant.set(back.id, back.title);
        return queue.bringBack(back);
      }
      case 'reload':
        return this.reload();
      case 'flush':
        return queue.flush();
      case 'weather':
        this.server.weather = () => one.weather;
        this.browser.online = one.online;
        return;
    }
  }

  async reload(): Promise<void> {
    // Nothing of the page is left: what can be undone is not either.
    this.#removed = undefined;
    this.browser.queue.stop();
    const { online } = this.browser;
    this.browser = new Browser(this.server, this.keep);
    this.browser.online = online;
    await this.browser.queue.open();
    await settle();
  }
}

describe('S18: whatever the network and the person do', () => {
  it('the server’s wall is in the end what was meant, once each', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 25 }), async (acts) => {
        const person = new Person();
        await person.browser.queue.open();
        for (const one of acts) {
          await person.does(one);
          await settle();
          // What the person sees is what they meant, at every moment.
          expect(shown(person.browser.wall)).toEqual(meant(person));
        }
        person.server.weather = () => 'fine';
        await person.reload();
        person.browser.online = true;
        await person.browser.queue.flush();
        expect(person.browser.waiting).toEqual([]);
        expect(shown(person.browser.wall)).toEqual(meant(person));
        const wall = person.server.live().map(({ id, title }) => [id, title]);
        expect(Object.fromEntries(wall)).toEqual(Object.fromEntries(person.meant));
        expect(new Set(person.server.done).size).toBe(person.server.done.length);
        person.browser.queue.stop();
      }),
      { numRuns: 300 },
    );
  });
});

function shown(wall: WallStore): Record<string, string> {
  return Object.fromEntries(wall.order.map(({ id, doc }) => [id, doc.title]));
}

function meant(person: Person): Record<string, string> {
  return Object.fromEntries(person.meant);
}
