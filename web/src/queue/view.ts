import type { Attachment, Author, Board, Post } from '../api/types';
import type { AttachmentDraft, PostDraft } from '../composer-seam';
import type { Pending } from '../sync/store.svelte';
import { withEdit } from './board-edit';
import { laidOver } from './bulk';
import type { Queue } from './queue';
import type { QueuedWrite, Waiting } from './write';
import type { QueueView } from './write-queue';

/** What the server has told, and who we are. */
export interface Truth {
  post(id: string): Post | undefined;
  readonly board: Board | undefined;
  readonly me: Author;
}

export interface UnsentView {
  /** By id: how the posts with unsent writes are to be shown. */
  readonly posts: ReadonlyMap<string, Pending>;
  /** The board as it will be; undefined when nothing waits for it. */
  readonly board: Board | undefined;
  /** What the person is told to be waiting, in the order in which it goes. */
  readonly waiting: readonly Waiting[];
}

/** Lays the unsent writes over what the server has told. Pure. */
export function viewOf(view: QueueView, truth: Truth): UnsentView {
  const posts = new Map<string, Pending>();
  const waiting: Waiting[] = [];
  let board: Board | undefined;
  for (const [id, entries] of grouped(view.queue)) {
    const shown = entries.filter((entry) => !view.quiet.has(entry.key) || goesAtOnce(entry));
    if (shown.length === 0) continue;
    const one = waitingOf(id, shown, view);
    const told = shown.some((entry) => !view.quiet.has(entry.key));
    if (told) waiting.push(one);
    if (one.kind === 'bulk' || one.kind === 'unbulk') continue;
    if (one.kind === 'board') board = boardWith(shown, truth.board);
    else
      posts.set(id, {
        post: postWith(shown, truth.post(id), truth.me),
        waiting: told ? one : undefined,
      });
  }
  layBulks(view.queue, posts, truth);
  return { posts, board, waiting };
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
    kind: (stuck ?? entries.at(-1) ?? entries[0])?.write.kind ?? 'edit',
    trouble: stuck?.trouble,
    lasting,
    progress: sending && progress?.part,
  };
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
    }
  }
  return board;
}
