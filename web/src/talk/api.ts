import { Http } from '../api/http';
import type { Author, Change, Comment, Report } from '../api/types';
import type { LiveWall } from '../sync/live.svelte';

/** What is asked of the server about comments, besides writing them. Each rejects with an `ApiProblem`. */
export class TalkApi {
  readonly #wall: LiveWall;
  readonly #http: Http;

  constructor(wall: LiveWall) {
    this.#wall = wall;
    this.#http = new Http(wall.session.fetch);
  }

  /** A page of a thread, the last of it first; `before` is the oldest that was read. Tells whether there are older ones. */
  async page(
    post: string,
    before?: string,
  ): Promise<{ comments: readonly Comment[]; more: boolean }> {
    const where = '/api/v1/boards/{board}/posts/{post}/comments';
    const path = { board: this.#wall.session.boardId, post };
    const answer = await this.#http.ask('get', where, { path, query: before ? { before } : {} });
    this.#take(answer.comments.map((comment) => ({ kind: 'comment', comment })));
    return answer;
  }

  async approve(comment: string): Promise<void> {
    const where = '/api/v1/boards/{board}/comments/{comment}/approve';
    this.#comment(await this.#http.ask('post', where, { path: this.#path(comment) }));
  }

  async reject(comment: string, reason: string): Promise<void> {
    const where = '/api/v1/boards/{board}/comments/{comment}/reject';
    const asked = { path: this.#path(comment), body: { reason } };
    this.#comment(await this.#http.ask('post', where, asked));
  }

  async report(comment: string, reason: string): Promise<void> {
    const where = '/api/v1/boards/{board}/comments/{comment}/reports';
    await this.#http.ask('post', where, { path: this.#path(comment), body: { reason } });
  }

  async settle(comment: string): Promise<readonly Report[]> {
    const where = '/api/v1/boards/{board}/comments/{comment}/reports/settle';
    const { reports } = await this.#http.ask('post', where, { path: this.#path(comment) });
    this.#take(reports.map((report) => ({ kind: 'report', report })));
    return reports;
  }

  async blockAuthor(comment: string): Promise<void> {
    const where = '/api/v1/boards/{board}/comments/{comment}/block-author';
    await this.#http.ask('post', where, { path: this.#path(comment) });
  }

  async unseal(comment: string, reason: string): Promise<Author> {
    const where = '/api/v1/boards/{board}/comments/{comment}/unseal';
    return this.#http.ask('post', where, { path: this.#path(comment), body: { reason } });
  }

  #path(comment: string) {
    return { board: this.#wall.session.boardId, comment };
  }

  #comment(comment: Comment): void {
    this.#take([{ kind: 'comment', comment }]);
  }

  #take(changes: readonly Change[]): void {
    this.#wall.store.apply(changes);
  }
}
