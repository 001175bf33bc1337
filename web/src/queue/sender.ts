import { Http, type Send } from '../api/http';
import { ApiProblem, networkProblem } from '../api/problem';
import type { Board, BulkResult, Change, Comment, NewMedia, Post, Reaction } from '../api/types';
import type { AskTicket } from '../composer-seam';
import { type BoardEdit, commutes } from './board-edit';
import type { BulkWrite } from './bulk';
import type { Write } from './write';

/** No answer by then, in milliseconds, is a lost answer. */
const LONGEST_MS = 30_000;
/** Others may change the wall at the same moment; not for ever. */
const TRIES = 8;

/** The requests that change one board. Each rejects with an `ApiProblem`. */
export class Sender {
  readonly #http: Http;
  readonly #board: string;

  readonly #reacted: (post: string, reaction: Reaction) => void;

  constructor(
    board: string,
    send: Send,
    reacted: (post: string, reaction: Reaction) => void = () => undefined,
  ) {
    this.#board = board;
    this.#reacted = reacted;
    this.#http = new Http(send);
  }

  /**
   * Does one write. `waited`: others may have changed the post since, so that
   * even a deletion is for the revision that was seen.
   */
  async send(write: Single, waited: boolean): Promise<Change | undefined> {
    return timely((signal) => this.#send(write, waited, signal));
  }

  /** Does one thing to several posts, or takes it back; tells of each. */
  bulk(write: BulkWrite): Promise<readonly BulkResult[]> {
    const path = { board: this.#board };
    return timely(async (signal) => {
      if (write.kind === 'unbulk') {
        const where = '/api/v1/boards/{board}/bulk/{bulk}/undo';
        const asked = { path: { ...path, bulk: write.id }, signal };
        return (await this.#http.ask('post', where, asked)).results;
      }
      const { kind: _, items, ...rest } = write;
      const body = { ...rest, items: [...items] };
      return (await this.#http.ask('post', '/api/v1/boards/{board}/bulk', { path, body, signal }))
        .results;
    });
  }

  createMedia(body: Parameters<AskTicket>[0]): Promise<NewMedia> {
    const path = { board: this.#board };
    return timely((signal) =>
      this.#http.ask('post', '/api/v1/boards/{board}/media', { path, body, signal }),
    );
  }

  post(post: string): Promise<Post> {
    const path = { board: this.#board, post };
    return timely((signal) =>
      this.#http.ask('get', '/api/v1/boards/{board}/posts/{post}', { path, signal }),
    );
  }

  async #send(write: Single, waited: boolean, signal: AbortSignal): Promise<Change | undefined> {
    const board = this.#board;
    const path = { board, post: write.id };
    switch (write.kind) {
      case 'create': {
        const body = { id: write.id, ...write.draft };
        const asked = { path: { board }, body, signal };
        return change(this.#http.ask('post', '/api/v1/boards/{board}/posts', asked));
      }
      case 'edit': {
        const asked = { path, header: ifMatch(write.rev ?? 1), body: write.draft, signal };
        return change(this.#http.ask('patch', '/api/v1/boards/{board}/posts/{post}', asked));
      }
      case 'delete': {
        const header = waited && write.rev !== undefined ? ifMatch(write.rev) : {};
        const asked = { path, header, signal };
        return change(this.#http.ask('delete', '/api/v1/boards/{board}/posts/{post}', asked)).catch(
          unlessGone,
        );
      }
      case 'move': {
        const body = { moves: [{ postId: write.id, ...write.to }] };
        const asked = { path: { board }, body, signal };
        const { posts } = await this.#http.ask('post', '/api/v1/boards/{board}/moves', asked);
        return posts[0] && { kind: 'post', post: posts[0] };
      }
      case 'restore': {
        const where = '/api/v1/boards/{board}/posts/{post}/restore';
        return change(this.#http.ask('post', where, { path, signal }));
      }
      case 'comment': {
        const asked = {
          path: { board, post: write.on },
          body: { id: write.id, ...write.said },
          signal,
        };
        return said(this.#http.ask('post', '/api/v1/boards/{board}/posts/{post}/comments', asked));
      }
      case 'comment_edit': {
        const asked = {
          path: { board, comment: write.id },
          header: ifMatch(write.rev ?? 1),
          body: { body: write.body },
          signal,
        };
        return said(this.#http.ask('patch', '/api/v1/boards/{board}/comments/{comment}', asked));
      }
      case 'comment_delete': {
        const asked = { path: { board, comment: write.id }, signal };
        const gone = this.#http.ask('delete', '/api/v1/boards/{board}/comments/{comment}', asked);
        return said(gone).catch(unlessGone);
      }
      case 'comment_restore': {
        const asked = { path: { board, comment: write.id }, signal };
        const where = '/api/v1/boards/{board}/comments/{comment}/restore';
        return said(this.#http.ask('post', where, asked));
      }
      case 'react': {
        const asked = {
          path: { board, post: write.on },
          body: { value: write.value },
          signal,
        };
        const where = '/api/v1/boards/{board}/posts/{post}/reaction';
        this.#reacted(write.on, await this.#http.ask('put', where, asked));
        return undefined;
      }
      case 'archive': {
        const asked = { path: { board }, body: { archived: write.archived }, signal };
        const now = await this.#http.ask('put', '/api/v1/boards/{board}/archived', asked);
        return { kind: 'board', board: now };
      }
      case 'board': {
        return { kind: 'board', board: await this.#edit(write.changes, write.rev ?? 1, signal) };
      }
    }
  }

  /** A setting that met another change is made again on what that one led to. */
  async #edit(body: BoardEdit, rev: number, signal: AbortSignal, left = TRIES): Promise<Board> {
    const asked = { path: { board: this.#board }, header: ifMatch(rev), body, signal };
    try {
      return await this.#http.ask('patch', '/api/v1/boards/{board}', asked);
    } catch (error) {
      const now = error instanceof ApiProblem ? error.current?.board : undefined;
      if (!now || left <= 1 || !commutes(body)) throw error;
      return this.#edit(body, now.rev, signal, left - 1);
    }
  }
}

/** All writes but those of several posts. */
type Single = Exclude<Write, BulkWrite>;

/** Sends a file to its last byte; `progress` is from 0 to 1. */
export async function sendFile(
  ticket: AskTicket,
  file: File,
  mediaId: string,
  progress: (part: number) => void,
): Promise<void> {
  const { startUpload } = await import('../upload').catch(() => {
    throw networkProblem();
  });
  await new Promise<void>((resolve, reject) => {
    const upload = startUpload(ticket, file, mediaId, {
      progress: (sent, total) => progress(total > 0 ? Math.floor((sent / total) * 100) / 100 : 0),
      done: resolve,
      failed: ({ code, detail, retry }) => {
        upload.leave();
        reject(new ApiProblem(retry ? 0 : 422, { code, detail }));
      },
    });
  });
}

function ifMatch(rev: number) {
  return { 'If-Match': `"${rev}"` };
}

async function change(answer: Promise<Post>): Promise<Change> {
  return { kind: 'post', post: await answer };
}

async function said(answer: Promise<Comment>): Promise<Change> {
  return { kind: 'comment', comment: await answer };
}

/** What is not there need not be deleted. */
function unlessGone(error: unknown): undefined {
  if (error instanceof ApiProblem && error.status === 404) return undefined;
  throw error;
}

/** In time, or as if no answer had come; the request itself may wait for a new session first. */
function timely<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(LONGEST_MS);
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(networkProblem()), { once: true });
  });
  return Promise.race([run(signal), late]);
}
