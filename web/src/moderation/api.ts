import { Http } from '../api/http';
import { ApiProblem } from '../api/problem';
import type { paths } from '../api/schema';
import type { Act, Author, Change, Post, Report } from '../api/types';
import { tellDone } from '../history/recent.svelte';
import { explain } from '../i18n/explain';
import { t } from '../i18n/index.svelte';
import { doToAll } from '../layouts/many';
import type { LiveWall } from '../sync/live.svelte';
import { toasts } from '../ui/toasts.svelte';
import type { PostTools } from './tools';

type ActivityQuery = NonNullable<
  paths['/api/v1/boards/{board}/activity']['get']['parameters']['query']
>;

/** What moderators, and those who tell them about a post, ask of the server. Each rejects with an `ApiProblem`. */
export class ModerationApi {
  readonly #wall: LiveWall;
  readonly #http: Http;

  constructor(wall: LiveWall) {
    this.#wall = wall;
    this.#http = new Http(wall.session.fetch);
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

  /** One page of the log, newest first. */
  async activity(query: ActivityQuery): Promise<{ acts: Act[]; next?: string }> {
    const path = { board: this.#wall.session.boardId };
    return this.#http.ask('get', '/api/v1/boards/{board}/activity', { path, query });
  }

  async undo(act: string): Promise<void> {
    const path = { board: this.#wall.session.boardId, act };
    const where = '/api/v1/boards/{board}/activity/{act}/undo';
    this.#take([await this.#http.ask('post', where, { path })]);
  }

  /** Takes back what was done to several posts; gives how many of them are left as they are. */
  async undoBulk(bulk: string): Promise<number> {
    const path = { board: this.#wall.session.boardId, bulk };
    const where = '/api/v1/boards/{board}/bulk/{bulk}/undo';
    const { results } = await this.#http.ask('post', where, { path });
    this.#take(results.flatMap(({ post }) => (post ? [{ kind: 'post', post }] : [])));
    return results.filter(({ problem }) => problem).length;
  }

  /** Takes back what was last done to some documents; each as its log has it. */
  async undoLast(verb: string, targets: readonly string[]): Promise<void> {
    for (const target of targets) {
      const { acts } = await this.activity({ target, limit: 1 });
      const [last] = acts;
      if (last?.verb !== verb)
        throw new ApiProblem(409, { code: 'changed_since', detail: t('moderation.changed_since') });
      await this.undo(last.id);
    }
  }

  #path(post: string) {
    return { board: this.#wall.session.boardId, post };
  }

  #take(changes: readonly Change[]): void {
    this.#wall.store.apply(changes);
  }
}

/** Puts a post onto the wall, as it was seen. */
export function approve(wall: LiveWall, { id, rev }: Post): void {
  void doToAll(wall, { act: 'approve', items: [{ postId: id, rev }] }, t('moderation.approved'));
}

/** Tells that the reports of a post have been seen to. */
export function settle(wall: LiveWall, post: string): void {
  const api = new ModerationApi(wall);
  let settled: readonly Report[] = [];
  const run = async () => {
    settled = await api.settle(post);
  };
  const ids = () => settled.map(({ id }) => id);
  void attempt(wall, run, t('moderation.settled'), () => api.undoLast('report.settled', ids()));
}

/** Keeps the author of a post off the wall, and warns where they can come back under another name. */
export function blockAuthor({ wall, ask }: PostTools, { id, author }: Post): void {
  const api = new ModerationApi(wall);
  let unsay: Promise<(() => void) | undefined>;
  const run = async () => {
    await api.blockAuthor(id);
    unsay = import('../people/kept-off')
      .then(({ warn }) => warn(wall, author.id, (who) => ask({ kind: 'kept_off', who })))
      // The author is kept off all the same.
      .catch(() => undefined);
  };
  const undo = async () => {
    await api.undoLast('participant.blocked', [author.id]);
    (await unsay)?.();
  };
  void attempt(wall, run, t('moderation.block_author_done'), undo);
}

/** Does something, and says so or why not; `undo` takes it back. */
export async function attempt(
  wall: LiveWall,
  run: () => Promise<unknown>,
  done: string,
  undo: () => Promise<unknown>,
): Promise<void> {
  try {
    await run();
  } catch (error) {
    toasts.show({ text: explain(error) });
    return;
  }
  await tellDone(wall, done, undo);
}
