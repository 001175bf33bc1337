import { expect, it } from 'vitest';
import { board } from '../sync/samples';
import { reverseOf, withEdit } from './board-edit';

it('takes a change back to what was there before, and nothing else', () => {
  const before = board({ title: 'Avant' });
  const edit = {
    title: 'Après',
    presenceHidden: true,
    settings: { layout: 'columns', freezeAt: '2026-11-25T10:00:00Z', words: ['zut'] },
  };
  const reverse = reverseOf(before, edit);
  expect(reverse).toEqual({
    title: 'Avant',
    presenceHidden: false,
    settings: { layout: before.settings.layout, freezeAt: '', words: [] },
  });
  const there = withEdit(withEdit(before, edit), reverse);
  expect(there.title).toBe('Avant');
  expect(there.settings.layout).toBe(before.settings.layout);
});
