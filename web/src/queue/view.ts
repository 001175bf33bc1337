import type { Attachment, Author, Board, Comment, Post } from '../api/types';
import type { AttachmentDraft, PostDraft } from '../composer-seam';
import type { Given, Pending, PendingComment } from '../sync/store.svelte';
import { withEdit } from './board-edit';
import { laidOver } from './bulk';
import type { Queue } from './queue';
import type { QueuedWrite, Waiting } from './write';
import type { QueueView } from './write-queue';

/** What the server has told, and who we are. */
export interface Truth {
  post(id: string): Post | undefined;
  comment(id: string): Comment | undefined;
  readonly board: Board | undefined;
  readonly me: Author;
}

export interface UnsentView {
  /** By id: how the posts with unsent writes are to be shown. */
  readonly posts: ReadonlyMap<string, Pending>;
  /** The same of comments. */
  readonly comments: ReadonlyMap<string, PendingComment>;
  /** What posts are to be given, by their ids. */
  readonly given: Given;
  /** The board as it will be; undefined when nothing waits for it. */
  readonly board: Board | undefined;
  /** What the person is told to be waiting, in the order in which it goes. */
  readonly waiting: readonly Waiting[];
}

/** Lays the unsent writes over what the server has told. Pure. */
export function viewOf(view: QueueView, truth: Truth): UnsentView {
  const posts = new Map<string, Pending>();
  const comments = new Map<string, PendingComment>();
  const given: Record<string, number> = {};
  const waiting: Waiting[] = [];
  let board: Board | undefined;
  for (const [id, entries] of grouped(view.queue)) {
    const shown = entries.filter((entry) => !view.quiet.has(entry.key) || goesAtOnce(entry));
    if (shown.length === 0) continue;
    const one = waitingOf(id, shown, view);
    const told = shown.some((entry) => !view.quiet.has(entry.key));
    if (told) waiting.push(one);
    if (one.kind === 'bulk' || one.kind === 'unbulk') continue;
    const { write } = shown.at(-1) as QueuedWrite;
    if (write.kind === 'board' || write.kind === 'archive') board = boardWith(shown, truth.board);
    else if (write.kind === 'react') given[write.on] = write.value;
    else if ('on' in write)
      comments.set(id, {
        comment: commentWith(shown, truth.comment(id), truth.me),
        waiting: told ? one : undefined,
      });
    else
      posts.set(id, {
        post: postWith(shown, truth.post(id), truth.me),
        waiting: told ? one : undefined,
      });
  }
  layBulks(view.queue, posts, truth);
  return { posts, comments, given, board, waiting };
}

/** What is done to several posts is shown at once, over what waits for each. */
function layBulks(queue: Queue, posts: Map<string, Pending>, truth: Truth): void {
  const shown = (id: string) => {
    const told = truth.post(id);
    return posts.has(id) ? posts.get(id)?.post : told?.deleted ? undefined : told;
  };
  for (const { write } of queue) {
    if (write.kind !== 'bulk' && write.kind !== 'unbulk') continue;
    for (const [id, post] of laidOver(write, shown))
      posts.set(id, { post, waiting: posts.get(id)?.waiting });
  }
}

/** A deletion, its undoing, a move and a setting are shown before anybody has answered. */
function goesAtOnce({ write }: QueuedWrite): boolean {
  return write.kind !== 'create' && write.kind !== 'edit';
}

function grouped(queue: Queue): Map<string, QueuedWrite[]> {
  const groups = new Map<string, QueuedWrite[]>();
  for (const entry of queue) {
    groups.set(entry.write.id, [...(groups.get(entry.write.id) ?? []), entry]);
  }
  return groups;
}

function waitingOf(id: string, entries: Queue, { lasting, progress }: QueueView): Waiting {
  const stuck = entries.find(({ trouble }) => trouble);
  const sending = entries.find(({ key }) => key === progress?.key);
  return {
    id,
    ...postOf(entries),
    kind: (stuck ?? entries.at(-1) ?? entries[0])?.write.kind ?? 'edit',
    trouble: stuck?.trouble,
    lasting,
    progress: sending && progress?.part,
  };
}

/** Of what is said or given to a post: which. */
function postOf(entries: Queue): { post?: string } {
  const write = entries[0]?.write;
  return write && 'on' in write ? { post: write.on } : {};
}

function commentWith(
  entries: Queue,
  told: Comment | undefined,
  author: Author,
): Comment | undefined {
  let comment = told?.deleted ? undefined : told;
  for (const { write, at, trouble } of entries) {
    if (write.kind === 'comment') {
      const now = new Date(at).toISOString();
      const { id, on: postId, said } = write;
      const made = { id, postId, rev: 0, createdAt: now, updatedAt: now, author, own: true };
      comment ??= { ...made, ...said, state: 'published' };
    } else if (write.kind === 'comment_edit') {
      if (comment) comment = { ...comment, body: write.body, rev: write.rev ?? comment.rev };
    } else if (write.kind === 'comment_restore') {
      comment = write.comment;
    } else if (!trouble) {
      comment = undefined;
    }
  }
  return comment;
}

function postWith(entries: Queue, told: Post | undefined, me: Author): Post | undefined {
  let post = told?.deleted ? undefined : told;
  for (const { write, at, trouble } of entries) {
    if (write.kind === 'create' || write.kind === 'edit') {
      const base = post ?? blank(write.id, at, me);
      const rev = ('rev' in write ? write.rev : undefined) ?? base.rev;
      post = { ...base, ...content(write.draft, base), rev };
    } else if (write.kind === 'move') {
      if (post) post = { ...post, ...write.to };
    } else if (write.kind === 'restore') {
      post = write.post;
    } else if (!trouble) {
      post = undefined;
    }
  }
  return post;
}

function blank(id: string, at: number, author: Author): Post {
  const now = new Date(at).toISOString();
  return {
    id,
    rev: 0,
    createdAt: now,
    updatedAt: now,
    author,
    own: true,
    title: '',
    body: '',
    attachments: [],
    // Before or after all others once the server has said so: until then it is the newest.
    order: '',
    state: 'published',
  };
}

function content({ attachments, ...fields }: PostDraft, base: Post): Partial<Post> {
  return { ...fields, attachments: attachments.map((one) => attachmentOf(one, base)) };
}

/** A link that was there before keeps its player. */
function attachmentOf(draft: AttachmentDraft, base: Post): Attachment {
  const before = base.attachments.find(({ id, url }) => id === draft.id && url === draft.url);
  return before?.embed ? { ...draft, embed: before.embed } : draft;
}

function boardWith(entries: Queue, told: Board | undefined): Board | undefined {
  let board = told;
  for (const { write } of entries) {
    if (board && write.kind === 'board') {
      board = { ...withEdit(board, write.changes), rev: write.rev ?? board.rev };
    } else if (board && write.kind === 'archive') {
      const taken = board.phase === 'archived' ? 'open' : board.phase;
      board = { ...board, phase: write.archived ? 'archived' : taken };
    }
  }
  return board;
}
