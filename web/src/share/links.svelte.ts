import { Http } from '../api/http';
import type { components } from '../api/schema';
import type { Link, Role } from '../api/types';
import { ModerationApi } from '../moderation/api';
import type { LiveWall } from '../sync/live.svelte';
import type { BoardSession } from '../sync/session.svelte';
import { uuidv7 } from '../sync/uuid';

export type LinkFields = components['schemas']['LinkEdit'];

/** The roles that a link may give; the widest rights last: those most often passed on come first. */
export const LINK_ROLES = ['writer', 'commenter', 'reader', 'moderator'] as const satisfies Role[];

/** The ways onto one wall, as those who hand them out see them. Every change rejects with an `ApiProblem`. */
export class Links {
  #all = $state.raw<readonly Link[]>();
  #sites = $state.raw<readonly string[]>([]);
  readonly #http: Http;
  readonly #board: string;

  constructor(session: BoardSession) {
    this.#board = session.boardId;
    this.#http = new Http(session.fetch);
  }

  /** Undefined until they are known. */
  get all(): readonly Link[] | undefined {
    return this.#all;
  }

  /** The sites that may show the wall in a frame. */
  get sites(): readonly string[] {
    return this.#sites;
  }

  async load(): Promise<void> {
    const asked = { path: { board: this.#board } };
    const { links, embedSites } = await this.#http.ask(
      'get',
      '/api/v1/boards/{board}/links',
      asked,
    );
    this.#all = sorted(links);
    this.#sites = embedSites;
  }

  /** `id` makes asking again safe. */
  async create(fields: LinkFields, id = uuidv7()): Promise<Link> {
    const asked = { path: { board: this.#board }, body: { id, ...fields } };
    return this.#take(await this.#http.ask('post', '/api/v1/boards/{board}/links', asked));
  }

  async edit({ id }: Link, body: LinkFields): Promise<Link> {
    const asked = { path: this.#path(id), body };
    return this.#take(await this.#http.ask('patch', '/api/v1/boards/{board}/links/{link}', asked));
  }

  async giveCode({ id }: Link): Promise<Link> {
    const where = '/api/v1/boards/{board}/links/{link}/code';
    return this.#take(await this.#http.ask('post', where, { path: this.#path(id) }));
  }

  /** Ends a link for good: who came by it is out at once. */
  async revoke({ id }: Link): Promise<void> {
    const where = '/api/v1/boards/{board}/links/{link}';
    await this.#http.ask('delete', where, { path: this.#path(id) });
    this.#all = this.#all?.filter((one) => one.id !== id);
  }

  /** Takes back that a link was ended, for ten minutes. */
  async bringBack(wall: LiveWall, { id }: Link): Promise<void> {
    await new ModerationApi(wall).undoLast('link.revoked', [id]);
    await this.load();
  }

  #path(link: string) {
    return { board: this.#board, link };
  }

  /** In its place when it is known, else the last of its role. */
  #take(link: Link): Link {
    const all = this.#all ?? [];
    const known = all.some((one) => one.id === link.id);
    const next = known ? all.map((one) => (one.id === link.id ? link : one)) : [...all, link];
    this.#all = sorted(next);
    return link;
  }
}

function sorted(links: readonly Link[]): readonly Link[] {
  return links.toSorted((a, b) => LINK_ROLES.indexOf(a.role) - LINK_ROLES.indexOf(b.role));
}
