import { Http } from '../api/http';
import type { Change, Group } from '../api/types';
import { between } from '../layouts/order';
import { ModerationApi } from '../moderation/api';
import type { LiveWall } from '../sync/live.svelte';
import { uuidv7 } from '../sync/uuid';

/** What is done with the participants and groups of a wall. Each rejects with an `ApiProblem`. */
export class PeopleApi {
  readonly #wall: LiveWall;
  readonly #http: Http;

  constructor(wall: LiveWall) {
    this.#wall = wall;
    this.#http = new Http(wall.session.fetch);
  }

  async block(participant: string, blocked: boolean): Promise<void> {
    const where = '/api/v1/boards/{board}/participants/{participant}/blocked';
    const path = { board: this.#board, participant };
    const one = await this.#http.ask('put', where, { path, body: { blocked } });
    this.#take({ kind: 'participant', participant: one });
  }

  /** An empty group is the one of their link. */
  async put(participant: string, groupId: string): Promise<void> {
    const where = '/api/v1/boards/{board}/participants/{participant}/group';
    const path = { board: this.#board, participant };
    const one = await this.#http.ask('put', where, { path, body: { groupId } });
    this.#take({ kind: 'participant', participant: one });
  }

  async create(name: string): Promise<void> {
    const asked = { path: { board: this.#board }, body: { id: uuidv7(), name } };
    this.#group(await this.#http.ask('post', '/api/v1/boards/{board}/groups', asked));
  }

  async rename(group: string, name: string): Promise<void> {
    await this.#edit(group, { name });
  }

  /** Puts a group before or after its neighbour. */
  async move(groups: readonly Group[], at: number, by: -1 | 1): Promise<void> {
    const group = groups[at];
    if (!group) return;
    const [low, high] = by < 0 ? [at - 2, at - 1] : [at + 1, at + 2];
    await this.#edit(group.id, {
      order: between(groups[low]?.order ?? '', groups[high]?.order ?? ''),
    });
  }

  async remove(group: string): Promise<void> {
    const path = { board: this.#board, group };
    this.#group(await this.#http.ask('delete', '/api/v1/boards/{board}/groups/{group}', { path }));
  }

  async bringBack(group: string): Promise<void> {
    await new ModerationApi(this.#wall).undoLast('group.deleted', [group]);
  }

  async #edit(group: string, body: { name?: string; order?: string }): Promise<void> {
    const path = { board: this.#board, group };
    this.#group(
      await this.#http.ask('patch', '/api/v1/boards/{board}/groups/{group}', { path, body }),
    );
  }

  get #board(): string {
    return this.#wall.session.boardId;
  }

  #group(group: Group): void {
    this.#take({ kind: 'group', group });
  }

  #take(change: Change): void {
    this.#wall.store.apply([change]);
  }
}
