import type { Progress, Section } from '../api/types';
import { t } from '../i18n/index.svelte';

/** What a rule asks for, in words; sections are those that the person sees. */
export function asked(rule: Progress, sections: readonly Section[]): string {
  const count = rule.least;
  if (!rule.section) return t(`checklist.${rule.measure}`, { count });
  const section = sections.find(({ id }) => id === rule.section)?.title;
  return section === undefined
    ? t('checklist.posts_hidden', { count })
    : t('checklist.posts_in', { count, section });
}

/** What is said once the list has changed, after what it was; empty for nothing. */
export function news(
  before: readonly Progress[],
  now: readonly Progress[],
  sections: readonly Section[],
): string {
  if (before.length === 0 || now.length === 0) return '';
  const done = now.filter((rule) => rule.done);
  if (done.length === before.filter((rule) => rule.done).length) return '';
  if (done.length === now.length) return t('checklist.all_done');
  const values = { done: done.length, all: now.length };
  const fresh = done.find((rule) => !before.some((was) => was.done && same(was, rule)));
  return fresh
    ? t('checklist.said_done', { ...values, what: asked(fresh, sections) })
    : t('checklist.said_changed', values);
}

function same(a: Progress, b: Progress): boolean {
  return a.measure === b.measure && a.section === b.section && a.least === b.least;
}
