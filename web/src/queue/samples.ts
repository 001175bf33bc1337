/** Writes, and a server that does them, for tests. */
import { ApiProblem, networkProblem } from '../api/problem';
import type { Change, Post } from '../api/types';
import type { PostDraft } from '../composer-seam';
import { idOf } from '../sync/samples';
import type { QueuedWrite, Write } from './write';

export const ME = { id: idOf(900), name: 'Noé Garnier' };

export function draft(title: string): PostDraft {
  return { title, body: '', attachments: [] };
}

let keys = 0;

export function queued(write: Write, changes: Partial<QueuedWrite> = {}): QueuedWrite {
  keys += 1;
  const key = `k${keys}`;
  return { key, at: 0, write, attempted: false, trouble: undefined, files: [], ...changes };
}

export function create(number: number, title = `Post ${number}`): Write {
  return { kind: 'create', id: idOf(number), draft: draft(title) };
}

export function edit(number: number, title: string, rev?: number): Write {
  return { kind: 'edit', id: idOf(number), draft: draft(title), rev };
}

export function remove(number: number, rev?: number): Write {
  return { kind: 'delete', id: idOf(number), rev };
}

/** How the network treats a request: `deaf` loses the answer after the server has done its part. */
export type Weather = 'fine' | 'cut' | 'deaf';

/** The board service, as far as the rules of writing go (S1–S3). */
export class FakeServer {
  readonly posts = new Map<string, Post>();
  /** Every change that was accepted, in order: `kind id rev`. */
  readonly done: string[] = [];
  weather: () => Weather = () => 'fine';

  readonly send = async (write: Write): Promise<Change | undefined> => {
    const weather = this.weather();
    if (weather === 'cut') throw networkProblem();
    const post = this.#do(write);
    if (weather === 'deaf') throw networkProblem();
    return post && { kind: 'post', post };
  };

  live(): Post[] {
    return [...this.posts.values()].filter((post) => !post.deleted);
  }

  #do(write: Write): Post | undefined {
    const held = this.posts.get(write.id);
    if (write.kind === 'create') return held ?? this.#keep(write.id, undefined, write.draft);
    if (!held) {
      if (write.kind === 'delete') return undefined;
      throw new ApiProblem(404, { code: 'not_found' });
    }
    if (write.kind === 'delete') {
      return held.deleted ? held : this.#keep(write.id, held, { deleted: true });
    }
    if (write.kind === 'restore') {
      return held.deleted ? this.#keep(write.id, held, { deleted: false }) : held;
    }
    if (write.kind !== 'edit') throw new Error(`no ${write.kind} here`);
    if (held.deleted) throw new ApiProblem(404, { code: 'not_found' });
    if (held.title === write.draft.title) return held;
    if (held.rev !== write.rev) {
      const current: Change = { kind: 'post', post: held };
      throw new ApiProblem(412, { code: 'revision_conflict', current });
    }
    return this.#keep(write.id, held, write.draft);
  }

  #keep(id: string, held: Post | undefined, changes: Partial<PostDraft> & { deleted?: boolean }) {
    const rev = (held?.rev ?? 0) + 1;
    const at = new Date(this.done.length).toISOString();
    const empty = { title: '', body: '', attachments: [], order: 'V', state: 'published' as const };
    const base = held ?? { createdAt: at, author: ME, ...empty };
    const post: Post = { ...base, ...changes, id, rev, updatedAt: at };
    this.posts.set(id, post);
    this.done.push(`${id} ${rev}`);
    return post;
  }
}
