import { beforeAll, expect, it } from 'vitest';
import type { Act, Settings } from '../api/types';
import { language } from '../i18n/index.svelte';
import { board } from '../sync/samples';
import { changedBy } from './changed';

const act = (kind: string, ...changed: string[]) => ({ kind, changed }) as unknown as Act;

beforeAll(() => Promise.all([language.need('settings'), language.need('sections')]));

it('names what was changed as the settings do', () => {
  expect(changedBy(act('board', '-newLast', 'layout', 'title'))).toBe(
    'Nouvelles publications · Disposition · Titre du mur',
  );
  expect(changedBy(act('section', '-locked'))).toBe('Déverrouiller');
  expect(changedBy(act('section', 'hidden'))).toBe('Masquer aux participants');
  expect(changedBy(act('board', 'somethingNew'))).toBe('');
  expect(changedBy({ kind: 'board' } as Act)).toBe('');
});

it('has a name for every setting', () => {
  for (const name of Object.keys(board().settings) as (keyof Settings)[]) {
    expect(changedBy(act('board', name)), name).not.toBe('');
  }
});
