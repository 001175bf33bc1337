import { describe, expect, it } from 'vitest';
import { idOf, post } from '../sync/samples';
import { commutes, together } from './board-edit';
import { type BulkWrite, laidOver } from './bulk';
import { added, attempted, type Queue } from './queue';
import { edit, ME, queued } from './samples';
import { viewOf } from './view';

const told = (id: string) => [post(1), post(2)].find((one) => one.id === id);
const posts = [{ postId: idOf(1) }, { postId: idOf(2) }];
const deleted: BulkWrite = { kind: 'bulk', id: 'b', act: 'delete', items: posts };

function shown(...writes: Parameters<typeof queued>[0][]) {
  const queue = writes.map((write) => queued(write));
  const view = { queue, quiet: new Set(queue.map(({ key }) => key)), lasting: true };
  return viewOf(
    { ...view, progress: undefined },
    { post: told, comment: () => undefined, board: undefined, me: ME },
  );
}

describe('one thing done to several posts', () => {
  it.each<[BulkWrite, object]>([
    [{ kind: 'bulk', id: 'b', act: 'colour', items: posts, colour: 'teal' }, { colour: 'teal' }],
    [{ kind: 'bulk', id: 'b', act: 'approve', items: posts }, { state: 'published' }],
    [
      { kind: 'bulk', id: 'b', act: 'reject', items: posts, reason: 'non' },
      { state: 'rejected', reason: 'non' },
    ],
    [
      { kind: 'bulk', id: 'b', act: 'move', items: [{ postId: idOf(1), sectionId: 's' }] },
      { sectionId: 's', order: post(1).order },
    ],
  ])('is shown on each before it is sent: %o', (write, expected) => {
    expect(laidOver(write, told).get(idOf(1))).toMatchObject(expected);
  });

  it('leaves alone what is not there', () => {
    const write: BulkWrite = { ...deleted, items: [{ postId: idOf(9) }] };
    expect(laidOver(write, told).size).toBe(0);
  });

  it('is laid over what waits for each, and shown at once', () => {
    const colour: BulkWrite = { kind: 'bulk', id: 'b', act: 'colour', items: posts, colour: 'red' };
    const view = shown(colour);
    expect(view.posts.get(idOf(2))?.post).toMatchObject({ colour: 'red' });
    expect(view.waiting).toEqual([]);
    expect(shown(deleted).posts.get(idOf(1))).toEqual({ post: undefined, waiting: undefined });
    const back: BulkWrite = { kind: 'unbulk', id: 'b', posts: [post(1)] };
    expect(shown(deleted, back).posts.get(idOf(1))?.post).toEqual(post(1));
  });

  it('waits as one change', () => {
    const queue = [queued(deleted), queued(edit(1, 'x', 1))];
    const view = { queue, quiet: new Set<string>(), lasting: true, progress: undefined };
    const { waiting } = viewOf(view, {
      post: told,
      comment: () => undefined,
      board: undefined,
      me: ME,
    });
    expect(waiting.map(({ kind }) => kind)).toEqual(['bulk', 'edit']);
  });

  it('never happened when it is taken back before it was sent, and else is asked back', () => {
    const back = queued({ kind: 'unbulk', id: 'b', posts: [] });
    const first = queued(deleted);
    expect(added([first], back)).toEqual([]);
    const sent: Queue = attempted([first], first.key);
    expect(added(sent, back).map(({ write }) => write.kind)).toEqual(['bulk', 'unbulk']);
  });
});

describe('changes of the wall', () => {
  it('are put together without losing a setting', () => {
    const first = { title: 'A', settings: { sort: 'date' as const } };
    const then = { settings: { newLast: true } };
    expect(together(first, then)).toEqual({
      title: 'A',
      settings: { sort: 'date', newLast: true },
    });
    expect(together({ title: 'A' }, { title: 'B' })).toEqual({ title: 'B' });
  });

  it('may meet others unless they hold what somebody wrote', () => {
    expect(commutes({ settings: { newLast: true } })).toBe(true);
    expect(commutes({ description: '', settings: {} })).toBe(false);
  });
});
