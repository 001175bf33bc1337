import { ApiProblem } from '../api/problem';
import { t } from './index.svelte';

/** A sentence for whatever went wrong: the server's own when it has one. */
export function explain(error: unknown): string {
  if (!(error instanceof ApiProblem)) return t('app.problem_unknown');
  if (error.status === 0) return t('app.problem_network');
  const fields = error.errors.map((one) => one.detail).filter(Boolean);
  return [error.detail, ...fields].filter(Boolean).join(' ') || t('app.problem_unknown');
}
