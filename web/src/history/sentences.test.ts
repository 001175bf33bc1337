import { describe, expect, it } from 'vitest';
import type { Act } from '../api/types';
import { momentOf, rowsOf } from './sentences';

function act(id: number, changes: Partial<Act> = {}): Act {
  const actor = { id: 'p', name: 'Zoé' };
  const what = { verb: 'post.deleted', kind: 'post', label: '', targetId: `t${id}` };
  return { id: `${id}`, at: '2026-01-01T00:00:00Z', actor, undoable: true, ...what, ...changes };
}

describe('the feed', () => {
  it('tells at once what was done at once, where the newest of it stands', () => {
    const all = [
      act(5),
      act(4, { bulk: 'b' }),
      act(3),
      act(2, { bulk: 'b' }),
      act(1, { bulk: 'c' }),
    ];
    expect(rowsOf(all).map((row) => [row.act.id, row.posts])).toEqual([
      ['5', 1],
      ['4', 2],
      ['3', 1],
      ['1', 1],
    ]);
  });

  it('counts posts, not the reports that were settled with them', () => {
    const report = { kind: 'report', verb: 'report.settled', bulk: 'b' };
    const [row] = rowsOf([act(3, report), act(2, { bulk: 'b' }), act(1, { bulk: 'b' })]);
    expect(row).toMatchObject({ posts: 2, act: { verb: 'post.deleted' } });
  });

  it('asks for what is newer than a visit, a day, a week', () => {
    const now = Date.parse('2026-01-08T00:00:00Z');
    expect(momentOf('', 0, now)).toBeUndefined();
    expect(momentOf('visit', now, now)).toBe('2026-01-08T00:00:00.001Z');
    expect(momentOf('day', 0, now)).toBe('2026-01-07T00:00:00.000Z');
    expect(momentOf('week', 0, now)).toBe('2026-01-01T00:00:00.000Z');
  });
});
