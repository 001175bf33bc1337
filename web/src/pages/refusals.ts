import type { ApiProblem } from '../api/problem';
import { explain } from '../i18n/explain';
import { t } from '../i18n/index.svelte';
import { whenToRetry } from './wait';

/** What a page says of a wall that does not open, and what it offers. */
export interface Refusal {
  readonly title: string;
  readonly text: string;
  /** `retry`: the same again. `wait`: the same, by itself, every so often. `enter`: another way in. `leave`: none. `sign_in`: by one's account. */
  readonly next: 'retry' | 'wait' | 'enter' | 'leave' | 'sign_in';
  readonly icon: 'link' | 'warning' | 'pause';
}

/** `was`: the wall stood open before. */
export function refusalOf(problem: ApiProblem, was: boolean): Refusal {
  switch (problem.code) {
    case 'network':
      return said('offline', 'retry', 'warning');
    case 'link_used_up':
      return said('used_up', 'enter', 'link');
    case 'link_invalid':
      return was ? said('withdrawn', 'enter', 'link') : unknownLink(problem);
    case 'account_signed_out':
      return {
        title: t('pages.signed_out_title'),
        text: explain(problem),
        next: 'sign_in',
        icon: 'warning',
      };
    case 'participant_blocked':
      return said('blocked', 'leave', 'warning');
    case 'board_not_open_yet':
      return said('not_open', 'wait', 'pause');
    case 'board_closed':
      return said('closed', 'wait', 'pause');
  }
  if (problem.status === 429) {
    const text = whenToRetry(problem);
    return { title: t('pages.busy_title'), text, next: 'wait', icon: 'pause' };
  }
  if (problem.status === 404) return said('wall_missing', 'enter', 'warning');
  if (problem.code.startsWith('session')) return said('expired', 'enter', 'link');
  if (problem.status === 401 || problem.status === 403) return unknownLink(problem);
  const next = problem.transient ? 'retry' : 'enter';
  return { title: t('pages.problem_title'), text: explain(problem), next, icon: 'warning' };
}

type Said =
  | 'offline'
  | 'used_up'
  | 'withdrawn'
  | 'blocked'
  | 'not_open'
  | 'closed'
  | 'wall_missing'
  | 'expired';

function said(what: Said, next: Refusal['next'], icon: Refusal['icon']): Refusal {
  return { title: t(`pages.${what}_title`), text: t(`pages.${what}_text`), next, icon };
}

function unknownLink(problem: ApiProblem): Refusal {
  const title = t('pages.forbidden_title');
  return { title, text: explain(problem), next: 'enter', icon: 'link' };
}
