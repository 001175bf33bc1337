import type { Comment } from '../api/types';
import { explain } from '../i18n/explain';
import type { Waiting } from '../queue/write';
import type { LiveWall } from '../sync/live.svelte';
import type { WallStore } from '../sync/store.svelte';
import { TalkApi } from './api';

/** One comment as it is shown. */
export interface Said {
  readonly comment: Comment;
  readonly waiting: Waiting | undefined;
}

/** A comment and what was said in reply; without a comment, one that is not there any more, or not read yet. */
export interface Strand {
  readonly id: string;
  readonly head: Said | undefined;
  readonly replies: readonly Said[];
}

/** The thread of one post, as far as it was read. */
export class Thread {
  /** Why it can't be read. */
  trouble = $state<string>();
  loaded = $state(false);
  busy = $state(false);
  /** The oldest comment that was read, while there are older ones. */
  #oldest = $state.raw<Comment>();
  readonly #wall: LiveWall;
  readonly #post: string;
  readonly #api: TalkApi;

  constructor(wall: LiveWall, post: string) {
    this.#wall = wall;
    this.#post = post;
    this.#api = new TalkApi(wall);
  }

  get more(): boolean {
    return this.#oldest !== undefined;
  }

  /** What is shown, in the order in which it was said. Reactive. */
  get said(): readonly Said[] {
    return saidOf(this.#wall.store, this.#post, this.#oldest);
  }

  /** Reads the end of the thread, or what comes before what was read. */
  async read(earlier = false): Promise<void> {
    this.busy = true;
    this.trouble = undefined;
    try {
      const page = await this.#api.page(this.#post, earlier ? this.#oldest?.id : undefined);
      this.#oldest = page.more ? page.comments[0] : undefined;
      this.loaded = true;
    } catch (error) {
      this.trouble = explain(error);
    } finally {
      this.busy = false;
    }
  }
}

function saidOf(store: WallStore, post: string, oldest: Comment | undefined): Said[] {
  const from = oldest ? Date.parse(oldest.createdAt) : Number.NEGATIVE_INFINITY;
  const unsent = store.unsentComments;
  const said: Said[] = [];
  for (const comment of store.comments.list) {
    if (comment.postId !== post || Date.parse(comment.createdAt) < from) continue;
    const pending = unsent.get(comment.id);
    const shown = pending ? pending.comment : comment;
    if (shown) said.push({ comment: shown, waiting: pending?.waiting });
  }
  for (const { comment, waiting } of unsent.values()) {
    if (comment?.postId !== post || store.comments.find(comment.id)) continue;
    said.push({ comment, waiting });
  }
  return said;
}

/** Replies under what they reply to. Pure. */
export function strandsOf(said: readonly Said[]): Strand[] {
  const strands = new Map<string, { id: string; head: Said | undefined; replies: Said[] }>();
  for (const one of said) {
    const { id, replyTo } = one.comment;
    const key = replyTo ?? id;
    const strand = strands.get(key) ?? { id: key, head: undefined, replies: [] };
    if (replyTo) strand.replies.push(one);
    else strand.head = one;
    strands.set(key, strand);
  }
  return [...strands.values()];
}
