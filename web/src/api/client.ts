import createClient, { type Client } from 'openapi-fetch';
import { ApiProblem, type ProblemBody, pauseAsked } from './problem';
import type { paths } from './schema';
import type { Link, Snapshot } from './types';

/** Sends a request with the session; rejects with an `ApiProblem` when there is no answer. */
export type Send = (request: Request) => Promise<Response>;

/** The requests that read one board. Each rejects with an `ApiProblem`. */
export class BoardApi {
  readonly #client: Client<paths>;
  readonly #board: string;

  constructor(board: string, send: Send) {
    this.#board = board;
    // The page's own origin; named in full, for a Request knows no page in tests.
    this.#client = createClient<paths>({ baseUrl: window.location.origin, fetch: send });
  }

  snapshot(): Promise<Snapshot> {
    return taken(this.#client.GET('/api/v1/boards/{board}/snapshot', this.#at()));
  }

  /** The live stream from a cursor on. */
  async events(cursor: string, signal: AbortSignal): Promise<Response> {
    const { response, error } = await this.#client.GET('/api/v1/boards/{board}/events', {
      params: { path: { board: this.#board }, header: { 'Last-Event-ID': cursor } },
      parseAs: 'stream',
      cache: 'no-store',
      signal,
    });
    if (!response.ok) throw problemOf(response, error);
    return response;
  }

  async links(): Promise<Link[]> {
    const { links } = await taken(this.#client.GET('/api/v1/boards/{board}/links', this.#at()));
    return links;
  }

  #at() {
    return { params: { path: { board: this.#board } } };
  }
}

/** What the server answered with, or its refusal thrown. */
export async function taken<T>(
  answer: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await answer;
  if (!response.ok || data === undefined) throw problemOf(response, error);
  return data;
}

function problemOf(response: Response, body: unknown): ApiProblem {
  const read = typeof body === 'object' && body !== null ? (body as ProblemBody) : {};
  return new ApiProblem(response.status, read, pauseAsked(response));
}
