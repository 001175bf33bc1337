import { describe, expect, it } from 'vitest';
import type { Comment } from '../api/types';
import { idOf } from '../sync/samples';
import { added, type Queue, refused, retried } from './queue';
import { ME, queued } from './samples';
import { viewOf } from './view';
import type { Write } from './write';

const [POST, ONE] = [idOf(1), idOf(50)];
const at = new Date(0).toISOString();
const told: Comment = {
  id: ONE,
  rev: 2,
  createdAt: at,
  updatedAt: at,
  postId: POST,
  author: ME,
  body: '<p>told</p>',
  state: 'published',
};

const say: Write = { kind: 'comment', id: ONE, on: POST, said: { body: '<p>un</p>' } };
const change = (body: string, rev?: number): Write => ({
  kind: 'comment_edit',
  id: ONE,
  on: POST,
  body,
  rev,
});
const remove: Write = { kind: 'comment_delete', id: ONE, on: POST };
const restore: Write = { kind: 'comment_restore', id: ONE, on: POST, comment: told };
const react = (value: number): Write => ({ kind: 'react', id: `react:${POST}`, on: POST, value });

function queueOf(...writes: Write[]): Queue {
  return writes.reduce<Queue>((queue, write) => added(queue, queued(write)), []);
}

function shown(queue: Queue, comment?: Comment, quiet: readonly string[] = []) {
  return viewOf(
    { queue, quiet: new Set(quiet), lasting: true, progress: undefined },
    { post: () => undefined, comment: () => comment, board: undefined, me: ME },
  );
}

describe('S18: what is said and given', () => {
  it.each<[string, Write[], string[]]>([
    ['a change goes into the comment', [say, change('deux')], ['comment deux']],
    ['the last change counts', [change('a', 2), change('b', 2)], ['comment_edit b']],
    ['what is deleted before it was sent goes', [say, remove], []],
    ['a deletion that is undone goes', [remove, restore], []],
    ['the last reaction counts', [react(1), react(0), react(3)], ['react 3']],
  ])('folds: %s', (_, writes, expected) => {
    const queue = queueOf(...writes).map(({ write }) => {
      if (write.kind === 'comment') return `comment ${write.said.body}`;
      if (write.kind === 'comment_edit') return `comment_edit ${write.body}`;
      return write.kind === 'react' ? `react ${write.value}` : write.kind;
    });
    expect(queue).toEqual(expected);
  });

  it('is shown at once, and told to wait only later', () => {
    const queue = queueOf(say, react(2));
    const now = shown(
      queue,
      undefined,
      queue.map(({ key }) => key),
    );
    expect(now.waiting).toEqual([]);
    expect(now.given).toEqual({ [POST]: 2 });
    expect(now.comments.get(ONE)?.comment?.body).toBe('<p>un</p>');
    expect(now.posts.size).toBe(0);
    const later = shown(queue);
    expect(later.waiting.map(({ kind, post }) => [kind, post])).toEqual([
      ['comment', POST],
      ['react', POST],
    ]);
    expect(later.comments.get(ONE)?.waiting?.kind).toBe('comment');
  });

  it('is laid over what the server has told', () => {
    expect(shown(queueOf(change('<p>new</p>', 2)), told).comments.get(ONE)?.comment).toMatchObject({
      body: '<p>new</p>',
      rev: 2,
    });
    expect(shown(queueOf(remove), told).comments.get(ONE)?.comment).toBeUndefined();
    const gone = { ...told, rev: 3, deleted: true };
    expect(shown(queueOf(restore), gone).comments.get(ONE)?.comment).toEqual(told);
  });

  it('stays in sight when it is refused, and goes over what was seen since', () => {
    const [entry] = queueOf(change('<p>new</p>', 2));
    if (!entry) throw new Error('nothing is queued');
    const queue = refused([entry], entry.key, { status: 412, code: 'revision_conflict' });
    expect(shown(queue, told).comments.get(ONE)?.waiting?.trouble?.status).toBe(412);
    expect(retried(queue, ONE, 4)[0]?.write).toMatchObject({ rev: 4 });
  });
});
