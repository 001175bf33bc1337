import { account, type OwnedWall, type Template } from './account.svelte';

/** Where a wall is listed. */
export type Shelf = 'open' | 'archived' | 'trash';

export function shelfOf(wall: OwnedWall): Shelf {
  if (wall.deletedAt) return 'trash';
  return wall.archivedAt ? 'archived' : 'open';
}

/** The walls that the account owns, last changed first. */
export class MyWalls {
  #all = $state.raw<readonly OwnedWall[]>();

  /** Undefined until they are here. */
  get all(): readonly OwnedWall[] | undefined {
    return this.#all;
  }

  on(shelf: Shelf): readonly OwnedWall[] {
    return (this.#all ?? []).filter((wall) => shelfOf(wall) === shelf);
  }

  async load(): Promise<void> {
    const { walls } = await account.http.ask('get', '/api/v1/account/walls', { path: undefined });
    this.#all = walls;
  }

  templates(): Promise<readonly Template[]> {
    return account.http
      .ask('get', '/api/v1/templates', { path: undefined })
      .then(({ templates }) => templates);
  }

  async create(body: {
    id: string;
    title: string;
    language: string;
    template?: string;
    settings?: { layout: string };
  }): Promise<OwnedWall> {
    const wall = await account.http.ask('post', '/api/v1/account/walls', { path: undefined, body });
    this.#put(wall);
    return wall;
  }

  async archive(wall: OwnedWall, archived: boolean): Promise<void> {
    this.#put(
      await account.http.ask('put', '/api/v1/account/walls/{board}/archived', {
        path: { board: wall.id },
        body: { archived },
      }),
    );
  }

  async remove(wall: OwnedWall): Promise<void> {
    this.#put(
      await account.http.ask('delete', '/api/v1/account/walls/{board}', {
        path: { board: wall.id },
      }),
    );
  }

  async restore(wall: OwnedWall): Promise<void> {
    this.#put(
      await account.http.ask('post', '/api/v1/account/walls/{board}/restore', {
        path: { board: wall.id },
      }),
    );
  }

  /** Gives how many pictures could not come along. */
  async duplicate(wall: OwnedWall, id: string, title: string, posts: boolean): Promise<number> {
    const made = await account.http.ask('post', '/api/v1/account/walls/{board}/duplicates', {
      path: { board: wall.id },
      body: { id, title, posts },
    });
    this.#put(made.wall);
    return made.leftOut.pictures;
  }

  /** Gives up one's seat on somebody's wall. */
  async leave(wall: OwnedWall): Promise<void> {
    const path = '/api/v1/account/walls/{board}/seat';
    await account.http.ask('delete', path, { path: { board: wall.id } });
    this.#all = this.#all?.filter((one) => one.id !== wall.id);
  }

  async moderators(wall: OwnedWall): Promise<readonly string[]> {
    const path = '/api/v1/account/walls/{board}/moderators';
    const { moderators } = await account.http.ask('get', path, { path: { board: wall.id } });
    return moderators.map((one) => one.name);
  }

  #put(wall: OwnedWall): void {
    const others = (this.#all ?? []).filter((one) => one.id !== wall.id);
    this.#all = [wall, ...others].sort((a, b) => b.changedAt.localeCompare(a.changedAt));
  }
}
