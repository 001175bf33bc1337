import { Http, type Send } from './http';
import type { Snapshot } from './types';

/** The requests that read one board. Each rejects with an `ApiProblem`. */
export class BoardApi {
  readonly #http: Http;
  readonly #path: { readonly board: string };

  constructor(board: string, send: Send) {
    this.#http = new Http(send);
    this.#path = { board };
  }

  snapshot(): Promise<Snapshot> {
    return this.#http.ask('get', '/api/v1/boards/{board}/snapshot', { path: this.#path });
  }

  /** The live stream from a cursor on. */
  events(cursor: string, signal: AbortSignal): Promise<Response> {
    const header = { 'Last-Event-ID': cursor };
    const asked = { path: this.#path, header, signal };
    return this.#http.open('get', '/api/v1/boards/{board}/events', asked);
  }
}
