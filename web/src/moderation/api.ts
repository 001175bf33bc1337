import { Http } from '../api/http';
import { ApiProblem } from '../api/problem';
import type { Act, Author, Change, Post, Report } from '../api/types';
import { explain } from '../i18n/explain';
import { t } from '../i18n/index.svelte';
import type { LiveWall } from '../sync/live.svelte';
import { toasts } from '../ui/toasts.svelte';

/** What moderators, and those who tell them about a post, ask of the server. Each rejects with an `ApiProblem`. */
export class ModerationApi {
  readonly #wall: LiveWall;
  readonly #http: Http;

  constructor(wall: LiveWall) {
    this.#wall = wall;
    this.#http = new Http(wall.session.fetch);
  }

  async approve(post: string): Promise<Post> {
    const where = '/api/v1/boards/{board}/posts/{post}/approve';
    return this.#post(await this.#http.ask('post', where, { path: this.#path(post) }));
  }

  async reject(post: string, reason: string): Promise<Post> {
    const where = '/api/v1/boards/{board}/posts/{post}/reject';
    const asked = { path: this.#path(post), body: { reason } };
    return this.#post(await this.#http.ask('post', where, asked));
  }

  async report(post: string, reason: string): Promise<void> {
    const where = '/api/v1/boards/{board}/posts/{post}/reports';
    await this.#http.ask('post', where, { path: this.#path(post), body: { reason } });
  }

  async settle(post: string): Promise<readonly Report[]> {
    const where = '/api/v1/boards/{board}/posts/{post}/reports/settle';
    const { reports } = await this.#http.ask('post', where, { path: this.#path(post) });
    this.#take(reports.map((report) => ({ kind: 'report', report })));
    return reports;
  }

  async blockAuthor(post: string): Promise<void> {
    const where = '/api/v1/boards/{board}/posts/{post}/block-author';
    await this.#http.ask('post', where, { path: this.#path(post) });
  }

  async unseal(post: string, reason: string): Promise<Author> {
    const where = '/api/v1/boards/{board}/posts/{post}/unseal';
    return this.#http.ask('post', where, { path: this.#path(post), body: { reason } });
  }

  async activity(before?: string, limit = 50): Promise<readonly Act[]> {
    const path = { board: this.#wall.session.boardId };
    const query = { limit, ...(before && { before }) };
    const { acts } = await this.#http.ask('get', '/api/v1/boards/{board}/activity', {
      path,
      query,
    });
    return acts;
  }

  async undo(act: string): Promise<void> {
    const path = { board: this.#wall.session.boardId, act };
    const where = '/api/v1/boards/{board}/activity/{act}/undo';
    this.#take([await this.#http.ask('post', where, { path })]);
  }

  /** Takes back what was last done to some documents; each as its log has it. */
  async undoLast(verb: string, targets: readonly string[]): Promise<void> {
    const acts = await this.activity(undefined, 200);
    for (const target of targets) {
      const last = acts.find((act) => act.targetId === target);
      if (last?.verb !== verb)
        throw new ApiProblem(409, { code: 'changed_since', detail: t('moderation.changed_since') });
      await this.undo(last.id);
    }
  }

  #path(post: string) {
    return { board: this.#wall.session.boardId, post };
  }

  #post(post: Post): Post {
    this.#take([{ kind: 'post', post }]);
    return post;
  }

  #take(changes: readonly Change[]): void {
    this.#wall.store.apply(changes);
  }
}

/** Approves a post; a moment long it can be undone. */
export function approve(wall: LiveWall, { id }: Post): void {
  const api = new ModerationApi(wall);
  const undo = () => api.undoLast('post.approved', [id]);
  void attempt(() => api.approve(id), t('moderation.approved'), undo);
}

/** Does something, and says so or why not; `undo` takes it back. */
export async function attempt(
  run: () => Promise<unknown>,
  done: string,
  undo?: () => Promise<unknown>,
): Promise<void> {
  try {
    await run();
  } catch (error) {
    toasts.show({ text: explain(error) });
    return;
  }
  tell(done, undo);
}

/** Says that something is done; `undo` takes it back. */
export function tell(done: string, undo?: () => Promise<unknown>): void {
  const action = undo && {
    label: t('app.undo'),
    run: () => void attempt(undo, t('moderation.undone')),
  };
  toasts.show({ text: done, ...(action && { action, lasts: 10_000 }) });
}
