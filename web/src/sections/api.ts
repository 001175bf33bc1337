import { Http } from '../api/http';
import type { Section } from '../api/types';
import { between } from '../layouts/order';
import type { LiveWall } from '../sync/live.svelte';
import { uuidv7 } from '../sync/uuid';

export type SectionFields = Partial<
  Pick<Section, 'title' | 'description' | 'colour' | 'order' | 'locked' | 'hidden'>
>;

/** What becomes of the posts of a section that is deleted: kept, in a section or none, or deleted. */
export type Fate = { readonly posts: 'keep'; readonly to: string } | { readonly posts: 'delete' };

/** Changes of a wall's sections, shown before the server has answered. Each rejects with an `ApiProblem`. */
export class Sections {
  readonly #wall: LiveWall;
  readonly #http: Http;
  readonly #board: string;

  constructor(wall: LiveWall) {
    this.#wall = wall;
    this.#http = new Http(wall.session.fetch);
    this.#board = wall.session.boardId;
  }

  async create(fields: SectionFields): Promise<Section> {
    const asked = { path: { board: this.#board }, body: { id: uuidv7(), ...fields } };
    return this.#take(await this.#http.ask('post', '/api/v1/boards/{board}/sections', asked));
  }

  async edit(section: Section, fields: SectionFields): Promise<void> {
    const undo = this.#wall.store.sections.presume({ ...section, ...fields });
    const path = { board: this.#board, section: section.id };
    const where = '/api/v1/boards/{board}/sections/{section}';
    try {
      this.#take(await this.#http.ask('patch', where, { path, body: fields }));
    } finally {
      undo();
    }
  }

  /** Puts a section so many places further, or back. */
  async shift(section: Section, steps: number): Promise<void> {
    const others = this.#wall.store.sections.list.filter(({ id }) => id !== section.id);
    const at = this.#wall.store.sections.list.findIndex(({ id }) => id === section.id);
    await this.put(section, Math.max(0, Math.min(others.length, at + steps)));
  }

  /** Puts a section at a place among the others. */
  async put(section: Section, index: number): Promise<void> {
    const others = this.#wall.store.sections.list.filter(({ id }) => id !== section.id);
    const order = between(others[index - 1]?.order ?? '', others[index]?.order ?? '');
    await this.edit(section, { order });
  }

  async remove(section: Section, fate: Fate): Promise<void> {
    const path = { board: this.#board, section: section.id };
    const to = fate.posts === 'keep' && fate.to ? { movedTo: fate.to } : {};
    const query = { posts: fate.posts, ...to };
    const where = '/api/v1/boards/{board}/sections/{section}';
    this.#take(await this.#http.ask('delete', where, { path, query }));
  }

  async restore(section: Section): Promise<void> {
    const path = { board: this.#board, section: section.id };
    const where = '/api/v1/boards/{board}/sections/{section}/restore';
    this.#take(await this.#http.ask('post', where, { path }));
  }

  #take(section: Section): Section {
    this.#wall.store.apply([{ kind: 'section', section }]);
    return section;
  }
}
