/** Documents for tests. */
import type { Board, Change, Media, Post, Session, Snapshot } from '../api/types';

const START = Date.parse('2026-11-18T09:00:00Z');

/** The id of the post or media of this number: ids grow with numbers, as UUIDv7 do with time. */
export function idOf(number: number): string {
  return `0198c7a2-0000-7000-8000-${String(number).padStart(12, '0')}`;
}

/** The post of this number, created `number` minutes after the first. */
export function post(number: number, changes: Partial<Post> = {}): Post {
  const { rev = 1, deleted } = changes;
  const at = new Date(START + number * 60_000).toISOString();
  const head = { id: idOf(number), rev, createdAt: at, updatedAt: at };
  if (deleted) {
    return {
      ...head,
      deleted,
      author: { id: '', name: '' },
      title: '',
      body: '',
      attachments: [],
      order: '',
      state: 'published',
    };
  }
  return {
    ...head,
    author: { id: idOf(900), name: 'Noé Garnier' },
    title: `Post ${number}`,
    body: `<p>Revision ${rev}</p>`,
    attachments: [],
    // As the server does it: the newest comes first.
    order: `a${String(9999 - number).padStart(4, '0')}V`,
    state: 'published',
    ...changes,
  };
}

export function board(changes: Partial<Board> = {}): Board {
  const at = new Date(START).toISOString();
  return {
    id: idOf(999),
    rev: 1,
    createdAt: at,
    updatedAt: at,
    title: 'A wall',
    description: '',
    presenceHidden: false,
    language: 'fr',
    phase: 'open',
    settings: settings(),
    ...changes,
  };
}

/** The settings that a board starts with. */
export function settings(changes: Partial<Board['settings']> = {}): Board['settings'] {
  return {
    layout: 'wall',
    background: { colour: '' },
    sort: 'manual',
    newLast: false,
    plainPosts: false,
    post: 'writer',
    comment: 'commenter',
    react: 'reader',
    reactions: 'off',
    votesEach: 3,
    editOthers: 'moderator',
    required: [],
    postsEach: 0,
    maxLength: 0,
    kinds: [],
    moderation: 'off',
    anonymity: 'named',
    groups: 'none',
    ...changes,
  };
}

export function media(number: number, changes: Partial<Media> = {}): Media {
  const at = new Date(START).toISOString();
  return {
    id: idOf(number),
    rev: 1,
    createdAt: at,
    updatedAt: at,
    ownerId: idOf(900),
    state: 'processing',
    ...changes,
  };
}

export function change(one: Post): Change {
  return { kind: 'post', post: one };
}

const limits: Snapshot['limits'] = { perPost: 10, boardBytes: 1e9, bytesLeft: 1e9, kinds: [] };

export function snapshot(posts: Post[], changes: Partial<Snapshot> = {}): Snapshot {
  return {
    cursor: '1',
    board: board(),
    posts,
    media: [],
    sections: [],
    groups: [],
    counts: [],
    limits,
    ...changes,
  };
}

export function session(changes: Partial<Session> = {}): Session {
  return {
    token: 'token-1',
    expiresAt: new Date(START + 15 * 60_000).toISOString(),
    renewal: 'renewal-1',
    boardId: idOf(999),
    role: 'writer',
    participant: { id: idOf(900), name: 'Noé Garnier' },
    abilities: ['post.create', 'post.edit.own', 'post.delete.own', 'media.upload'],
    ...changes,
  };
}
