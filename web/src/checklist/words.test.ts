import { beforeAll, describe, expect, it } from 'vitest';
import type { Progress, Section } from '../api/types';
import { language } from '../i18n/index.svelte';
import { asked, news } from './words';

const rule = (more: Partial<Progress> = {}): Progress => ({
  measure: 'posts',
  least: 2,
  have: 0,
  done: false,
  ...more,
});
const sections = [{ id: 's', title: 'Semaine 1' } as Section];

beforeAll(async () => {
  await language.show('en');
  await language.need('checklist');
});

describe('what is asked', () => {
  it.each([
    [rule(), '2 posts'],
    [rule({ least: 1, section: 's' }), '1 post in “Semaine 1”'],
    [rule({ section: 'hidden' }), '2 posts in a section that is not shown'],
    [rule({ measure: 'peers', least: 3 }), 'Comment on 3 different people'],
    [rule({ measure: 'words', least: 1200 }), '1,200 words written in all'],
  ])('is said in words', (one, words) => {
    expect(asked(one, sections)).toBe(words);
  });
});

describe('what is news', () => {
  const comments = rule({ measure: 'comments', least: 1 });
  const done = (one: Progress) => ({ ...one, done: true });

  it('is not what was so from the start', () => {
    expect(news([], [done(rule())], sections)).toBe('');
    expect(news([rule(), comments], [rule({ have: 1 }), comments], sections)).toBe('');
  });

  it('is what was done, and that all is', () => {
    const before = [rule(), comments];
    expect(news(before, [done(rule()), comments], sections)).toBe('Done: 2 posts. 1 of 2.');
    expect(news([done(rule()), comments], before.map(done), sections)).toBe('All is done.');
  });

  it('is what counts no more', () => {
    const before = [done(rule()), done(comments)];
    expect(news(before, [rule({ have: 1 }), done(comments)], sections)).toBe('To do: 1 of 2.');
  });
});
