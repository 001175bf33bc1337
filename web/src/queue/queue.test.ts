import { describe, expect, it } from 'vitest';
import { idOf, post } from '../sync/samples';
import {
  acknowledged,
  added,
  attempted,
  broughtBack,
  bytesOf,
  dropped,
  next,
  type Queue,
  refused,
  renewed,
  retried,
} from './queue';
import { create, draft, edit, queued, remove } from './samples';
import type { Destination, Write } from './write';

const trouble = { status: 403, code: 'forbidden' };
const restore: Write = { kind: 'restore', id: idOf(1), post: post(1) };

function said(queue: Queue): string[] {
  return queue.map(({ write }) => {
    const title = 'draft' in write ? ` ${write.draft.title}` : '';
    const rev = 'rev' in write && write.rev !== undefined ? `@${write.rev}` : '';
    return `${write.kind}${rev}${title}`;
  });
}

function queueOf(...writes: Write[]): Queue {
  return writes.reduce<Queue>((queue, write) => added(queue, queued(write)), []);
}

describe('S18: what never left this browser is folded', () => {
  it.each<[string, Write[], string[]]>([
    ['an edit into the post it edits', [create(1), edit(1, 'b'), edit(1, 'c')], ['create c']],
    ['an edit into the one before', [edit(1, 'b', 4), edit(1, 'c', 4)], ['edit@4 c']],
    ['a post that is deleted goes', [create(1), remove(1)], []],
    ['a deletion that is undone goes', [remove(1, 3), restore], []],
    ['an edit then a deletion stay two', [edit(1, 'b', 4), remove(1, 4)], ['edit@4 b', 'delete']],
    [
      'other posts are left alone',
      [create(1), edit(2, 'b', 1), edit(1, 'c')],
      ['create c', 'edit@1 b'],
    ],
    [
      'changes of the wall are put together',
      [
        { kind: 'board', id: 'b', changes: { title: 'A' }, rev: 2 },
        { kind: 'board', id: 'b', changes: { description: 'B' }, rev: 2 },
      ],
      ['board@2'],
    ],
    [
      'a wall put away and taken out again is as it was',
      [
        { kind: 'archive', id: 'b', archived: true },
        { kind: 'archive', id: 'b', archived: false },
      ],
      [],
    ],
  ])('%s', (_, writes, expected) => {
    expect(said(queueOf(...writes))).toEqual(expected);
  });

  it('but not what may have reached the server', () => {
    const first = queued(create(1));
    const queue = added(attempted([first], first.key), queued(edit(1, 'b', 1)));
    expect(said(queue)).toEqual(['create Post 1', 'edit b']);
    expect(said(added(queue, queued(edit(1, 'c'))))).toEqual(['create Post 1', 'edit c']);
  });

  it('keeps only the files that the post still shows', () => {
    const picture = { id: 'a', type: 'media' as const, mediaId: 'm1', caption: '', alt: '' };
    const first = queued(
      { kind: 'create', id: idOf(1), draft: { ...draft('a'), attachments: [picture] } },
      { files: [{ mediaId: 'm1', size: 7 }] },
    );
    const other = { ...picture, mediaId: 'm2' };
    const kept = added(
      [first],
      queued(
        { ...edit(1, 'b'), draft: { ...draft('b'), attachments: [picture, other] } } as Write,
        { files: [{ mediaId: 'm2', size: 5 }] },
      ),
    );
    expect(bytesOf(kept)).toBe(12);
    expect(bytesOf(added(kept, queued(edit(1, 'c'))))).toBe(0);
  });
});

describe('S18: in order, and made on what came before', () => {
  it('sends the first, and what is behind a refusal of another post', () => {
    const [a, b, c] = [queued(create(1)), queued(edit(2, 'x', 1)), queued(edit(3, 'y', 1))];
    expect(next([a, b, c])).toBe(a);
    expect(next([{ ...a, trouble }, b, c])).toBe(b);
    expect(next([{ ...a, trouble }])).toBeUndefined();
  });

  it('holds what is behind a refusal of the same post', () => {
    const sent = queued(edit(1, 'x', 1), { trouble });
    expect(next([sent, queued(remove(1))])).toBeUndefined();
  });

  it('makes the next write of a post on the revision that the last one led to', () => {
    const first = queued(edit(1, 'a', 3), { attempted: true });
    const queue = added([first], queued(edit(1, 'b', 3)));
    expect(said(acknowledged(queue, first.key, 4))).toEqual(['edit@4 b']);
  });
});

describe('S18: what is refused', () => {
  it('stays, and can be sent again, over another revision too', () => {
    const entry = queued(edit(1, 'a', 3), { attempted: true });
    const queue = refused([entry], entry.key, trouble);
    expect(queue[0]).toMatchObject({ trouble, attempted: false });
    expect(said(retried(queue, idOf(1), 7))).toEqual(['edit@7 a']);
    expect(next(retried(queue, idOf(1)))?.write).toMatchObject({ rev: 3 });
  });

  it('is tried once more with the words that were written since', () => {
    const first = queued(create(1), { attempted: true });
    const queue = refused(added([first], queued(edit(1, 'b'))), first.key, trouble);
    expect(said(queue)).toEqual(['create b']);
    expect(queue[0]?.trouble).toBeUndefined();
  });

  it('is overwritten by an edit made on the version in between', () => {
    const entry = queued(edit(1, 'a', 3), { trouble });
    expect(said(added([entry], queued(edit(1, 'b', 8))))).toEqual(['edit@8 b']);
  });

  it('gives way to a deletion', () => {
    const entry = queued(edit(1, 'a', 3), { trouble });
    expect(said(added([entry], queued(remove(1, 3))))).toEqual(['delete@3']);
  });

  it('becomes a new post when the old one is gone', () => {
    const queue = renewed([queued(edit(1, 'a', 3), { trouble })], idOf(1), idOf(9));
    expect(queue[0]).toMatchObject({ trouble: undefined, write: { kind: 'create', id: idOf(9) } });
  });
});

describe('S18: what is given up', () => {
  it('goes, and comes back when that is undone', () => {
    const queue = queueOf(create(1), create(2));
    const left = dropped(queue, idOf(1), queued(remove(1)));
    expect(said(left)).toEqual(['create Post 2']);
    const before = { entries: queue.slice(0, 1), gaveUp: true };
    expect(said(broughtBack(left, before, queued(restore)))).toEqual([
      'create Post 2',
      'create Post 1',
    ]);
  });

  it('is taken off the wall if it may be there', () => {
    const sent = queued(create(1), { attempted: true });
    const left = dropped([sent], idOf(1), queued(remove(1)));
    expect(said(left)).toEqual(['delete']);
    const before = { entries: [sent], gaveUp: true };
    expect(said(broughtBack(left, before, queued(restore)))).toEqual(['create Post 1']);
    expect(said(broughtBack([], before, queued(restore)))).toEqual(['restore']);
  });

  it('is restored by the server once the server has deleted it', () => {
    const before = { entries: [], gaveUp: false };
    expect(said(broughtBack([], before, queued(restore)))).toEqual(['restore']);
    const underWay = queued(remove(1, 2), { attempted: true });
    expect(said(broughtBack([underWay], before, queued(restore)))).toEqual(['delete@2', 'restore']);
    expect(broughtBack(queueOf(remove(1, 2)), before, queued(restore))).toEqual([]);
  });
});

describe('moves', () => {
  const move = (to: Destination, rev?: number): Write => ({ kind: 'move', id: idOf(1), to, rev });

  it('say the last of each that was asked', () => {
    const first = queued(move({ sectionId: 'a', order: 'B' }, 3));
    const queue = added([first], queued(move({ order: 'C' }, 3)));
    expect(queue.map(({ write }) => write)).toEqual([move({ sectionId: 'a', order: 'C' }, 3)]);
  });

  it('stay behind the post that is made, and what is not done', () => {
    const refusedEdit = queued(edit(1, 'Edited', 1), {
      trouble,
    });
    for (const before of [queued(create(1)), refusedEdit]) {
      const queue = added([before], queued(move({ order: 'C' }, 1)));
      expect(queue.map(({ write }) => write.kind)).toEqual([before.write.kind, 'move']);
    }
  });

  it('are not worth sending before a deletion', () => {
    const queue = added([queued(move({ order: 'C' }, 3))], queued(remove(1, 3)));
    expect(queue.map(({ write }) => write)).toEqual([{ kind: 'delete', id: idOf(1), rev: 3 }]);
  });

  it.each([
    ['on what the move has led to', 4, 4],
    ['on what the person saw, where others have changed the post meanwhile', 6, 3],
  ])('an edit that follows is made %s', (_, answered, base) => {
    const first = queued(move({ order: 'C' }, 3), { attempted: true });
    const queue = added([first], queued(edit(1, 'Edited', 3)));
    const [left] = acknowledged(queue, first.key, answered);
    expect(left?.write).toMatchObject({ kind: 'edit', rev: base });
  });
});
