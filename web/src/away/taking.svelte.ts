import { Http } from '../api/http';
import { explain } from '../i18n/explain';
import type { LiveWall } from '../sync/live.svelte';
import { fileName, gather, save } from './files';

/** The forms in which a wall is taken away, by where they are read. */
const FORMS = {
  pdf: '/api/v1/boards/{board}/wall.pdf',
  csv: '/api/v1/boards/{board}/records.csv',
  zip: '/api/v1/boards/{board}/archive.zip',
} as const;
export type Form = keyof typeof FORMS;

/** A wall on its way to a file of the person's, one form at a time. */
export class Taking {
  readonly #wall: LiveWall;
  #stop: AbortController | undefined;
  /** What is being fetched, and what was last. */
  form = $state<Form>();
  last = $state<Form>();
  /** How much of it is here, in bytes. */
  got = $state(0);
  /** The name of that, once it is here. */
  done = $state('');
  failed = $state('');

  constructor(wall: LiveWall) {
    this.#wall = wall;
  }

  async take(form: Form): Promise<void> {
    if (this.form) return;
    const board = this.#wall.store.board;
    const stop = new AbortController();
    this.#stop = stop;
    this.form = this.last = form;
    this.got = 0;
    this.done = this.failed = '';
    try {
      const answer = await new Http(this.#wall.session.fetch).open('get', FORMS[form], {
        path: { board: board?.id ?? '' },
        signal: stop.signal,
      });
      const name = `${fileName(board?.title ?? '')}.${form}`;
      save(await gather(answer, (bytes) => (this.got += bytes)), name);
      this.done = name;
    } catch (error) {
      if (!stop.signal.aborted) this.failed = explain(error);
    } finally {
      this.form = undefined;
    }
  }

  stop(): void {
    this.#stop?.abort();
  }
}
