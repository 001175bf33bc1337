import { ApiProblem, type ProblemBody } from '../api/problem';
import type { UploadProblem } from '../composer-seam';

/** The part of tus's error that tells what happened. */
export interface TusFailure extends Error {
  originalRequest?: unknown;
  originalResponse?: {
    getStatus(): number;
    getBody(): string;
    getHeader(name: string): string | undefined;
  } | null;
  causingError?: Error | null;
}

/** Codes of the media service after which the same file may still get through. */
const RECOVERABLE = new Set(['ticket_expired', 'upload_not_found', 'upload_no_room']);

/** Why an upload failed, and whether the same file may be sent again. */
export function problemOfFailure(failure: TusFailure | ApiProblem): UploadProblem {
  if (failure instanceof ApiProblem) return ofApi(failure);
  // The ticket is asked for inside tus's requests too.
  if (failure.causingError instanceof ApiProblem) return ofApi(failure.causingError);
  const response = failure.originalResponse;
  if (response && response.getStatus() > 0) {
    return ofStatus(response.getStatus(), bodyOf(response.getBody()));
  }
  const unanswered = failure.originalRequest !== undefined && failure.originalRequest !== null;
  return unanswered || failure instanceof TypeError
    ? { code: 'network', detail: '', retry: true }
    : { code: 'unknown', detail: '', retry: true };
}

/** Seconds; whoever is asked to wait longer than this is told so instead. */
const LONGEST_WAIT = 600;

/** How many seconds to wait, where the server is asked too much and says when to go on. */
export function waitOfFailure(failure: TusFailure | ApiProblem): number | undefined {
  const problem = failure instanceof ApiProblem ? failure : failure.causingError;
  if (problem instanceof ApiProblem) return waitOf(problem.status, problem.retryAfter);
  const response = (failure as TusFailure).originalResponse;
  return response
    ? waitOf(response.getStatus(), Number(response.getHeader('Retry-After')))
    : undefined;
}

function waitOf(status: number, seconds = 0): number | undefined {
  return status === 429 && seconds > 0 && seconds <= LONGEST_WAIT ? seconds : undefined;
}

function ofApi(problem: ApiProblem): UploadProblem {
  const { status, code, detail, errors } = problem;
  const [first] = errors;
  return {
    code: first?.code ?? code,
    detail: first?.detail ?? detail,
    retry: problem.transient || status === 401,
  };
}

function ofStatus(status: number, body: ProblemBody): UploadProblem {
  const code = body.code ?? codeOf(status);
  return { code, detail: body.detail ?? '', retry: mayPass(status, code) };
}

function mayPass(status: number, code: string): boolean {
  // 409 and 423: another request of the same upload has not ended yet.
  const passing = status >= 500 || [408, 423, 429, 460].includes(status);
  return passing || (status === 409 && code === 'conflict') || RECOVERABLE.has(code);
}

function codeOf(status: number): string {
  switch (status) {
    case 401:
      return 'ticket_expired';
    case 403:
      return 'forbidden';
    case 404:
    case 410:
      return 'upload_not_found';
    case 409:
    case 423:
      return 'conflict';
    case 413:
      return 'media_too_large';
    case 429:
    case 503:
      return 'busy';
    default:
      return 'unknown';
  }
}

function bodyOf(text: string): ProblemBody {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? body : {};
  } catch {
    return {};
  }
}
