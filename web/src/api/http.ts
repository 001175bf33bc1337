import { networkProblem, problemOf } from './problem';
import type { paths } from './schema';

/** Sends a request with the session; rejects with an `ApiProblem` when there is no answer. */
export type Send = (request: Request) => Promise<Response>;

type Method = 'get' | 'put' | 'post' | 'patch' | 'delete';
/** One operation of the API's document. */
type Operation<M extends Method, P extends keyof paths> = NonNullable<paths[P][M]>;
/** The paths that have a method. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: [Operation<M, P>] extends [never] ? never : P;
}[keyof paths];

type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : undefined;
type Answers<O> = O extends { responses: infer R } ? R : never;
/** What a success answers with; undefined when it says nothing. */
export type AnswerOf<O> =
  Answers<O> extends infer R ? Json<R[Extract<keyof R, 200 | 201 | 204>]> : never;

type Of<O, Part extends 'path' | 'query' | 'header'> = O extends { parameters: infer Given }
  ? Part extends keyof Given
    ? Given[Part]
    : undefined
  : undefined;

export interface Asked<O> {
  readonly path: Of<O, 'path'>;
  readonly query?: Of<O, 'query'>;
  readonly header?: Of<O, 'header'>;
  readonly body?: O extends { requestBody?: infer Body } ? Json<Body> : undefined;
  readonly signal?: AbortSignal;
}

/**
 * Requests as the API's document has them, checked by the compiler. A few
 * lines, where a library would be a twentieth of the first paint.
 */
export class Http {
  readonly #send: Send;

  constructor(send: Send) {
    this.#send = send;
  }

  /** The answer as it is, once it is a success; rejects with an `ApiProblem` otherwise. */
  async open<M extends Method, P extends PathOf<M>>(
    method: M,
    path: P,
    { path: blanks, query, header, body, signal }: Asked<Operation<M, P>>,
  ): Promise<Response> {
    const values = blanks as Readonly<Record<string, string>>;
    const where = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values[name] ?? ''));
    // The page's own origin; named in full, for a Request knows no page in tests.
    const url = new URL(where, window.location.origin);
    if (query) url.search = `${new URLSearchParams(query as Record<string, string>)}`;
    const request = new Request(url, {
      method: method.toUpperCase(),
      headers: {
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(header as Record<string, string> | undefined),
      },
      body: body === undefined ? null : JSON.stringify(body),
      cache: 'no-store',
      signal: signal ?? null,
    });
    const response = await this.#send(request);
    if (!response.ok) throw await problemOf(response);
    return response;
  }

  /** What the answer says. One that is cut short is none. */
  async ask<M extends Method, P extends PathOf<M>>(
    method: M,
    path: P,
    asked: Asked<Operation<M, P>>,
  ): Promise<AnswerOf<Operation<M, P>>> {
    const response = await this.open(method, path, asked);
    if (response.status === 204) return undefined as AnswerOf<Operation<M, P>>;
    return response.json().catch(() => {
      throw networkProblem();
    });
  }
}
