/** One refused field of a request: `field` is the path of the value, as in `attachments[0].url`. */
export interface FieldProblem {
  code: string;
  field: string;
  detail: string;
}

/** The body of an `application/problem+json` answer. */
export interface ProblemBody {
  status?: number;
  code?: string;
  title?: string;
  detail?: string;
  errors?: FieldProblem[];
  current?: unknown;
}

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
  readonly current: unknown;
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
  const retryAfter = Number(response.headers.get('Retry-After') ?? Number.NaN);
  const pause = Number.isFinite(retryAfter) ? retryAfter : undefined;
  try {
    return new ApiProblem(response.status, (await response.json()) as ProblemBody, pause);
  } catch {
    return new ApiProblem(response.status, {}, pause);
  }
}
