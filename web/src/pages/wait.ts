import type { ApiProblem } from '../api/problem';
import { explain } from '../i18n/explain';
import { t } from '../i18n/index.svelte';

/** Why something was refused and, where the server says so, when it can be tried again. */
export function whenToRetry(problem: ApiProblem): string {
  const { retryAfter } = problem;
  if (problem.status !== 429 || retryAfter === undefined) return explain(problem);
  if (retryAfter <= 90) return t('pages.too_many_seconds', { count: retryAfter });
  return t('pages.too_many_minutes', { count: Math.ceil(retryAfter / 60) });
}
