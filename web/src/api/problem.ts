import type { components } from './schema';

/** The body of an `application/problem+json` answer, as far as it can be trusted to be there. */
export type ProblemBody = Partial<components['schemas']['Problem']>;

/** One refused field of a request: `field` is the path of the value, as in `attachments[0].url`. */
export type FieldProblem = components['schemas']['InputFault'];

/**
 * Why a request failed, in words that can be shown. `code` is stable; `status`
 * is 0 and the code `network` when no answer came. `retryAfter` is in seconds.
 */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly FieldProblem[];
  /** With `revision_conflict`: the document as it stands. */
  readonly current: ProblemBody['current'];
  readonly retryAfter: number | undefined;

  constructor(status: number, body: ProblemBody, retryAfter?: number) {
    super(body.detail || body.title || body.code || `HTTP ${status}`);
    this.status = status;
    this.code = body.code ?? (status === 0 ? 'network' : 'unknown');
    this.detail = body.detail ?? '';
    this.errors = body.errors ?? [];
    this.current = body.current;
    this.retryAfter = retryAfter;
  }

  /** Tells a failure that the same request may get over: no answer, a busy server, a pause asked for. */
  get transient(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** The problem for a request that got no answer. */
export function networkProblem(): ApiProblem {
  return new ApiProblem(0, { code: 'network' });
}

/** Reads an answer that is not a success; never throws, whatever the body. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const body = await response.json().catch(() => ({}));
  return new ApiProblem(response.status, body as ProblemBody, pauseAsked(response));
}

/** The pause a refusal asks for, in seconds. */
function pauseAsked(response: Response): number | undefined {
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds : undefined;
}
