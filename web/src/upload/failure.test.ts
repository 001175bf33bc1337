import { describe, expect, it } from 'vitest';
import { ApiProblem } from '../api/problem';
import { problemOfFailure } from './failure';

function answered(status: number, body: unknown): Error {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return Object.assign(new Error('tus'), {
    originalRequest: {},
    originalResponse: { getStatus: () => status, getBody: () => text },
  });
}

describe('problemOfFailure', () => {
  it.each([
    [
      'too large',
      413,
      { code: 'media_too_large', detail: 'Trop lourd.' },
      { code: 'media_too_large', detail: 'Trop lourd.', retry: false },
    ],
    ['no body', 413, '', { code: 'media_too_large', detail: '', retry: false }],
    [
      'an expired ticket',
      401,
      { code: 'ticket_expired' },
      { code: 'ticket_expired', detail: '', retry: true },
    ],
    [
      'a wrong ticket',
      401,
      { code: 'ticket_invalid' },
      { code: 'ticket_invalid', detail: '', retry: false },
    ],
    [
      "somebody else's upload",
      403,
      { code: 'upload_forbidden' },
      { code: 'upload_forbidden', detail: '', retry: false },
    ],
    [
      'an upload that is gone',
      404,
      { code: 'upload_not_found' },
      { code: 'upload_not_found', detail: '', retry: true },
    ],
    [
      'an upload that is over',
      409,
      { code: 'upload_over' },
      { code: 'upload_over', detail: '', retry: false },
    ],
    ['another offset', 409, 'ERR_MISMATCHED_OFFSET', { code: 'conflict', detail: '', retry: true }],
    ['a lock', 423, '', { code: 'conflict', detail: '', retry: true }],
    [
      'a full disk',
      503,
      { code: 'upload_no_room', detail: 'Plus de place.' },
      { code: 'upload_no_room', detail: 'Plus de place.', retry: true },
    ],
    ["a proxy's page", 502, '<html>', { code: 'unknown', detail: '', retry: true }],
  ])('tells %s', (_name, status, body, problem) => {
    expect(problemOfFailure(answered(status, body))).toEqual(problem);
  });

  it('tells a lost connection', () => {
    const lost = Object.assign(new Error('tus'), { originalRequest: {}, originalResponse: null });
    expect(problemOfFailure(lost)).toEqual({ code: 'network', detail: '', retry: true });
    const unanswered = answered(0, '');
    expect(problemOfFailure(unanswered).code).toBe('network');
  });

  it('passes on why no ticket was given, also from within tus', () => {
    const refused = new ApiProblem(422, {
      code: 'invalid',
      errors: [{ code: 'media_type_unsupported', field: 'type', detail: 'Format refusé.' }],
    });
    const problem = { code: 'media_type_unsupported', detail: 'Format refusé.', retry: false };
    expect(problemOfFailure(refused)).toEqual(problem);
    expect(problemOfFailure(Object.assign(new Error('tus'), { causingError: refused }))).toEqual(
      problem,
    );
  });
});
