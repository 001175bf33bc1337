import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiProblem } from '../api/problem';
import type { UploadTicket } from '../composer-seam';
import { startUpload, Upload } from './index';

type Options = ConstructorParameters<typeof import('tus-js-client').Upload>[1];

/** Stands for tus: the test plays the server by calling the options' events. */
class FakeTus {
  static made: FakeTus[] = [];
  url: string | null = null;
  started = 0;
  aborted: (boolean | undefined)[] = [];

  constructor(
    readonly file: File,
    readonly options: Options,
  ) {
    FakeTus.made.push(this);
  }

  start(): void {
    this.started++;
  }

  async abort(terminate?: boolean): Promise<void> {
    this.aborted.push(terminate);
  }

  /** A request as tus makes it; answers with the token that it carried. */
  async request(): Promise<string | undefined> {
    let sent: string | undefined;
    const request = { setHeader: (_name: string, value: string) => (sent = value) };
    await this.options.onBeforeRequest?.(request as never);
    return sent;
  }

  create(url: string): void {
    this.url = url;
    this.options.onUploadUrlAvailable?.();
  }

  fail(status: number, body: object, retryAfter?: number): boolean | undefined {
    const error = Object.assign(new Error('tus'), {
      originalRequest: {},
      originalResponse: {
        getStatus: () => status,
        getBody: () => JSON.stringify(body),
        getHeader: (name: string) => (name === 'Retry-After' ? retryAfter?.toString() : undefined),
      },
    }) as never;
    const retried = this.options.onShouldRetry?.(error, 0, this.options);
    if (!retried) this.options.onError?.(error);
    return retried;
  }
}

vi.mock('tus-js-client', () => ({ Upload: FakeTus }));

const file = new File(['abc'], 'a.png', { type: 'image/png' });
const later = new Date(Date.now() + 3_600_000).toISOString();

function start(ticket: (input: unknown) => Promise<UploadTicket> = async () => given('t1')) {
  const on = { progress: vi.fn(), done: vi.fn(), failed: vi.fn(), waiting: vi.fn() };
  const asked = vi.fn(ticket);
  const upload = new Upload(asked, file, 'm1', on, async () => ({ Upload: FakeTus as never }));
  return { upload, on, asked, run: upload.run() };
}

function given(token: string, expiresAt = later): UploadTicket {
  return { url: 'https://media.example/uploads/', token, expiresAt, maxBytes: 100 };
}

function tus(): FakeTus {
  const last = FakeTus.made.at(-1);
  if (!last) throw new Error('tus was not started');
  return last;
}

afterEach(() => {
  vi.useRealTimers();
  FakeTus.made = [];
});

describe('an upload', () => {
  it('asks for a ticket, sends with its token and tells how it goes', async () => {
    const { on, asked, run } = start();
    await run;
    expect(asked).toHaveBeenCalledWith({ id: 'm1', size: 3, type: 'image/png', name: 'a.png' });
    expect(tus().options.endpoint).toBe('https://media.example/uploads/');
    expect(tus().started).toBe(1);
    expect(await tus().request()).toBe('Bearer t1');
    tus().options.onProgress?.(1, 3);
    tus().options.onSuccess?.({} as never);
    expect(on.progress).toHaveBeenCalledWith(1, 3);
    expect(on.done).toHaveBeenCalledOnce();
  });

  it('remembers its address, never its token, until it is done', async () => {
    const { run } = start();
    await run;
    tus().create('https://media.example/uploads/m1');
    expect(JSON.stringify({ ...localStorage })).toContain('https://media.example/uploads/m1');
    expect(JSON.stringify({ ...localStorage })).not.toContain('t1');
    tus().options.onSuccess?.({} as never);
    expect(localStorage.length).toBe(0);
  });

  it('goes on at the address known from before', async () => {
    const first = start();
    await first.run;
    tus().create('https://media.example/uploads/m1');
    await start().run;
    expect(tus().options.uploadUrl).toBe('https://media.example/uploads/m1');
  });

  it('takes a new ticket for one that ends', async () => {
    const tickets = [given('t1', new Date(Date.now() + 1_000).toISOString()), given('t2')];
    const { run } = start(async () => tickets.shift() ?? given('t3'));
    await run;
    expect(await tus().request()).toBe('Bearer t2');
    expect(tus().fail(401, { code: 'ticket_expired' })).toBe(true);
    expect(await tus().request()).toBe('Bearer t3');
  });

  it('tells a refusal, for good', async () => {
    const { on, run } = start();
    await run;
    tus().create('https://media.example/uploads/m1');
    expect(tus().fail(413, { code: 'media_too_large', detail: 'Trop lourd.' })).toBe(false);
    expect(on.failed).toHaveBeenCalledWith({
      code: 'media_too_large',
      detail: 'Trop lourd.',
      retry: false,
    });
    expect(localStorage.length).toBe(0);
  });

  it('tells that no ticket was given, and tries again when asked', async () => {
    const answers = [Promise.reject(new ApiProblem(0, {})), Promise.resolve(given('t1'))];
    const { upload, on, run } = start(async () => (await answers.shift()) ?? given('t2'));
    await run;
    expect(on.failed).toHaveBeenCalledWith({ code: 'network', detail: '', retry: true });
    upload.retry();
    await vi.waitFor(() => expect(FakeTus.made).toHaveLength(1));
  });

  it('tries again by itself when the connection is back', async () => {
    const answers = [Promise.reject(new ApiProblem(0, {})), Promise.resolve(given('t1'))];
    const { run } = start(async () => (await answers.shift()) ?? given('t2'));
    await run;
    dispatchEvent(new Event('online'));
    await vi.waitFor(() => expect(FakeTus.made).toHaveLength(1));
  });

  describe('that is told to wait', () => {
    const full = { code: 'upload_address_full', detail: 'Beaucoup de fichiers.' };

    it('waits as long, however often, and goes on by itself where it was', async () => {
      vi.useFakeTimers();
      const { on, run } = start();
      await run;
      tus().create('https://media.example/uploads/m1');
      for (let time = 1; time <= 3; time++) {
        expect(tus().fail(429, full, 40)).toBe(false);
        expect(on.waiting).toHaveBeenCalledTimes(time);
        await vi.advanceTimersByTimeAsync(39_999);
        expect(FakeTus.made).toHaveLength(time);
        await vi.advanceTimersByTimeAsync(5_001);
        expect(FakeTus.made).toHaveLength(time + 1);
        expect(tus().options.uploadUrl).toBe('https://media.example/uploads/m1');
        expect(tus().started).toBe(1);
      }
      tus().options.onSuccess?.({} as never);
      expect(on.done).toHaveBeenCalledOnce();
      expect(on.failed).not.toHaveBeenCalled();
    });

    it('does so, too, when it is the ticket that is not given yet', async () => {
      vi.useFakeTimers();
      const answers = [Promise.reject(new ApiProblem(429, { code: 'rate_limited' }, 20))];
      const { on, run } = start(async () => (await answers.shift()) ?? given('t1'));
      await run;
      expect(on.waiting).toHaveBeenCalledOnce();
      await vi.advanceTimersByTimeAsync(25_000);
      expect(FakeTus.made).toHaveLength(1);
      expect(on.failed).not.toHaveBeenCalled();
    });

    it('does not come back once it is cancelled or left, and at once when asked to', async () => {
      vi.useFakeTimers();
      for (const act of ['cancel', 'leave', 'retry'] as const) {
        FakeTus.made = [];
        const { upload, run } = start();
        await run;
        tus().fail(429, full, 40);
        upload[act]();
        await vi.advanceTimersByTimeAsync(60_000);
        expect(FakeTus.made).toHaveLength(act === 'retry' ? 2 : 1);
      }
    });

    it.each([
      ['nobody says when', 429, undefined],
      ['it is told a day', 429, 86_400],
      ['nothing is too much', 503, 5],
    ])('tries a few times, as after any failure, when %s', async (_, status, retryAfter) => {
      const { on, run } = start();
      await run;
      expect(tus().fail(status, full, retryAfter)).toBe(true);
      expect(on.waiting).not.toHaveBeenCalled();
    });
  });

  it('says nothing more once cancelled, and tells the server', async () => {
    const { upload, on, run } = start();
    await run;
    tus().create('https://media.example/uploads/m1');
    upload.cancel();
    tus().options.onProgress?.(1, 3);
    tus().options.onSuccess?.({} as never);
    expect(on.progress).not.toHaveBeenCalled();
    expect(on.done).not.toHaveBeenCalled();
    expect(tus().aborted).toEqual([true]);
    expect(localStorage.length).toBe(0);
  });

  it('asks nothing of the server that has it all when it is cancelled', async () => {
    const { upload, run } = start();
    await run;
    tus().create('https://media.example/uploads/m1');
    tus().options.onProgress?.(3, 3);
    upload.cancel();
    expect(tus().aborted).toEqual([false]);
  });

  it('leaves the rest to a later one: nothing is dropped, and that one goes on there', async () => {
    const { upload, on, run } = start();
    await run;
    tus().create('https://media.example/uploads/m1');
    upload.leave();
    tus().options.onProgress?.(1, 3);
    expect(tus().aborted).toEqual([undefined]);
    expect(on.progress).not.toHaveBeenCalled();
    await start().run;
    expect(tus().options.uploadUrl).toBe('https://media.example/uploads/m1');
  });

  it('does not start when cancelled before its ticket came', async () => {
    const { upload, run } = start();
    upload.cancel();
    await run;
    expect(FakeTus.made).toHaveLength(0);
  });
});

describe('startUpload', () => {
  it('sends a file once, whoever asks for it again', async () => {
    const send = () => {
      const on = { progress: vi.fn(), done: vi.fn(), failed: vi.fn() };
      startUpload(async () => given('t1'), file, 'm2', on);
      return on;
    };
    const first = send();
    await vi.waitFor(() => expect(FakeTus.made).toHaveLength(1));
    tus().options.onProgress?.(1, 3);
    const second = send();
    expect(second.progress).toHaveBeenCalledWith(1, 3);
    tus().options.onSuccess?.({} as never);
    expect(first.done).not.toHaveBeenCalled();
    expect(second.done).toHaveBeenCalledOnce();
    const third = send();
    await vi.waitFor(() => expect(third.done).toHaveBeenCalledOnce());
    expect(FakeTus.made).toHaveLength(1);
  });
});
