import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiProblem, networkProblem } from '../api/problem';
import { LiveStream, SILENCE_MS, type StreamState } from './stream';

/** A server that the test speaks for, connection by connection. */
class Server {
  readonly asked: string[] = [];
  readonly #encoder = new TextEncoder();
  #body: ReadableStreamDefaultController<Uint8Array> | undefined;
  refusal: Error | undefined;

  readonly open = (cursor: string, signal: AbortSignal): Promise<Response> => {
    this.asked.push(cursor);
    if (this.refusal) return Promise.reject(this.refusal);
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#body = controller;
        signal.addEventListener('abort', () => this.cut());
      },
    });
    return Promise.resolve({ ok: true, body } as Response);
  };

  async say(text: string): Promise<void> {
    this.#body?.enqueue(this.#encoder.encode(text));
    await vi.advanceTimersByTimeAsync(0);
  }

  async hangUp(): Promise<void> {
    this.#body?.close();
    await vi.advanceTimersByTimeAsync(0);
  }

  cut(): void {
    try {
      this.#body?.error(new TypeError('network'));
    } catch {
      // Closed already.
    }
  }
}

let server: Server;
let states: StreamState[];
let changes: string[];
let present: string[];
let told: string[];
let refused: ApiProblem[];
let renewals: number;
let streams: LiveStream[];

function listen(cursor = '10'): LiveStream {
  const stream = new LiveStream(cursor, {
    open: server.open,
    change: (data) => changes.push(data),
    presence: (data) => present.push(data),
    you: (data) => told.push(data),
    reset: async () => '500',
    expired: async () => {
      renewals += 1;
    },
    state: (state) => states.push(state),
    refused: (problem) => refused.push(problem),
    random: () => 0.5,
  });
  streams.push(stream);
  void stream.run();
  return stream;
}

beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
  states = [];
  changes = [];
  present = [];
  told = [];
  refused = [];
  renewals = 0;
  streams = [];
});

afterEach(() => {
  for (const stream of streams) stream.stop();
  vi.useRealTimers();
});

describe('LiveStream', () => {
  it('tells the person what they may do, and keeps its cursor', async () => {
    listen();
    await server.say('event: you\ndata: {"role":"writer"}\n\n');
    expect(told).toEqual(['{"role":"writer"}']);
  });

  it('tells who is here, and keeps its cursor (S7)', async () => {
    const stream = listen();
    await server.say('event: presence\ndata: {"count":1}\n\n');
    expect(present).toEqual(['{"count":1}']);
    expect(stream.cursor).toBe('10');
  });

  it('comes back at once, from where it was, when the session names somebody else (S7)', async () => {
    const stream = listen();
    await server.say('event: change\nid: 11\ndata: one\n\n');
    stream.again();
    await vi.advanceTimersByTimeAsync(0);
    expect(server.asked).toEqual(['10', '11']);
    expect(states).toEqual(['connecting', 'live', 'connecting', 'live']);
  });

  it('asks from the snapshot’s cursor on and hands the changes over in order', async () => {
    listen();
    await server.say('event: change\nid: 11\ndata: one\n\nevent: cha');
    await server.say('nge\nid: 12\ndata: two\n\n');
    expect(server.asked).toEqual(['10']);
    expect(changes).toEqual(['one', 'two']);
    expect(states).toEqual(['connecting', 'live']);
  });

  it('comes back with the last cursor it saw (S9)', async () => {
    listen();
    await server.say('event: change\nid: 11\ndata: one\n\n');
    await server.hangUp();
    expect(states.at(-1)).toBe('waiting');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(server.asked).toEqual(['10', '11']);
    expect(states.at(-1)).toBe('live');
  });

  it('does not take the cursor of an event cut in the middle', async () => {
    listen();
    await server.say('event: change\nid: 11\ndata: one\n\nevent: change\nid: 12\nda');
    await server.hangUp();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(server.asked).toEqual(['10', '11']);
    expect(changes).toEqual(['one']);
  });

  it('takes a snapshot again when told to, and goes on from there (S9)', async () => {
    listen();
    await server.say('event: reset\n\n');
    expect(server.asked).toEqual(['10', '500']);
  });

  it('does not go round in circles with a server that always says the same', async () => {
    listen();
    for (let i = 0; i < 20; i += 1) await server.say('event: reset\n\n').catch(() => undefined);
    expect(server.asked).toEqual(['10', '500']);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(server.asked).toEqual(['10', '500', '500']);
  });

  it('waits as long as a leaving server asks (S16)', async () => {
    listen();
    await server.say('event: bye\ndata: {"retryMs":4000}\n\n');
    await vi.advanceTimersByTimeAsync(3_999);
    expect(server.asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(server.asked).toHaveLength(2);
  });

  it('renews the session when it has expired and comes back with its cursor (S17)', async () => {
    listen();
    await server.say('event: change\nid: 11\ndata: one\n\nevent: expired\n\n');
    expect(renewals).toBe(1);
    expect(server.asked).toEqual(['10', '11']);
  });

  it('takes 30 s of silence for a dead connection, and a heartbeat for life (S16)', async () => {
    listen();
    await server.say(': hb\n\n');
    await vi.advanceTimersByTimeAsync(SILENCE_MS - 1_000);
    await server.say(': hb\n\n');
    await vi.advanceTimersByTimeAsync(SILENCE_MS - 1_000);
    expect(server.asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(server.asked).toHaveLength(2);
  });

  it('tries more and more rarely while nothing answers, then recovers', async () => {
    server.refusal = networkProblem();
    listen();
    await vi.advanceTimersByTimeAsync(60_000);
    const tries = server.asked.length;
    expect(tries).toBeGreaterThan(5);
    expect(tries).toBeLessThan(15);
    server.refusal = undefined;
    await vi.advanceTimersByTimeAsync(31_000);
    expect(states.at(-1)).toBe('live');
  });

  it('comes back at once when the network does', async () => {
    const onLine = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    server.refusal = networkProblem();
    listen();
    await vi.advanceTimersByTimeAsync(0);
    expect(states.at(-1)).toBe('offline');
    await vi.advanceTimersByTimeAsync(4_000);
    expect(server.asked).toHaveLength(1);
    server.refusal = undefined;
    onLine.mockReturnValue(true);
    window.dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(0);
    expect(states.at(-1)).toBe('live');
  });

  it('tells at once that the network is gone, and still tries a server that needs none', async () => {
    vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    listen();
    await server.say(': hb\n\n');
    window.dispatchEvent(new Event('offline'));
    await vi.advanceTimersByTimeAsync(0);
    expect(states.at(-1)).toBe('offline');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(states.at(-1)).toBe('live');
  });

  it('gives up when the wall is closed to it, and says why', async () => {
    server.refusal = new ApiProblem(403, { code: 'forbidden' });
    listen();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.asked).toHaveLength(1);
    expect(refused.map((problem) => problem.code)).toEqual(['forbidden']);
    expect(states.at(-1)).toBe('stopped');
  });

  it('waits as a busy server asks', async () => {
    server.refusal = new ApiProblem(503, {}, 7);
    listen();
    await vi.advanceTimersByTimeAsync(6_999);
    expect(server.asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(server.asked).toHaveLength(2);
  });

  it('ignores what it does not understand', async () => {
    listen();
    await server.say('event: hello\ndata: {}\n\nevent: change\nid: 11\ndata: one\n\n');
    expect(changes).toEqual(['one']);
  });

  it('stops for good', async () => {
    const stream = listen();
    await vi.advanceTimersByTimeAsync(0);
    stream.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.asked).toHaveLength(1);
    expect(states.at(-1)).toBe('stopped');
  });
});
