import { Http } from '../api/http';
import type { LiveWall } from '../sync/live.svelte';
import { Writing } from './writing';

/** Tells the others on a wall that its person is writing, where they may be told and can be. */
export class WritingOnWall {
  readonly #wall: LiveWall;
  readonly #writing: Writing;

  constructor(wall: LiveWall) {
    this.#wall = wall;
    this.#writing = new Writing((now, signal) =>
      new Http(wall.session.fetch).ask('put', '/api/v1/boards/{board}/writing', {
        path: { board: wall.session.boardId },
        body: { writing: now },
        signal,
      }),
    );
  }

  typed(): void {
    const { state, store, session } = this.#wall;
    if (state === 'live' && !store.board?.presenceHidden && !session.needsName)
      this.#writing.typed();
  }

  stop(): void {
    this.#writing.stop();
  }
}
