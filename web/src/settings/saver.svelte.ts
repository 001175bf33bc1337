import { Http } from '../api/http';
import { ApiProblem } from '../api/problem';
import type { Board, Settings, SettingsEdit } from '../api/types';
import { drop, keep, type Recent, recents, takeBack } from '../history/recent.svelte';
import { explain } from '../i18n/explain';
import { language, t } from '../i18n/index.svelte';
import { type BoardEdit, reverseOf, withEdit } from '../queue/board-edit';
import type { KeptFile } from '../queue/keep';
import type { Write } from '../queue/write';
import type { LiveWall } from '../sync/live.svelte';

/** No answer by then, in milliseconds, is a lost answer. */
const LONGEST_MS = 20_000;
/** Others may change the wall at the same moment; not for ever. */
const TRIES = 8;
/** Changes of one field that follow one another by less are one change. */
const TYPING_MS = 4_000;

/**
 * Saves each change of a wall's settings as it is made, one after the other. A
 * change says only what it changes, so that one which met another is made again
 * on what that one led to.
 */
export class Saver {
  readonly #wall: LiveWall;
  readonly #http: Http;
  #queue: Promise<unknown> = Promise.resolve();
  #under = $state(0);
  #saved = $state(false);
  /** Those that are not answered yet, the oldest first. */
  #wanted = $state.raw<readonly BoardEdit[]>([]);
  #errors = $state.raw<Readonly<Record<string, string>>>({});
  /** What the last change can be taken back by; what is typed goes back as one. */
  #undoable = $state.raw<Recent>();
  #last: { readonly field: string; readonly before: Board } | undefined;

  constructor(wall: LiveWall) {
    this.#wall = wall;
    this.#http = new Http(wall.session.fetch);
  }

  /** The wall as it will be. Reactive. */
  get board(): Board | undefined {
    const { board } = this.#wall.store;
    return board && this.#wanted.reduce(withEdit, board);
  }

  get settings(): Settings | undefined {
    return this.board?.settings;
  }

  /** `saved` once something has been. */
  get state(): 'idle' | 'saving' | 'saved' | 'failed' {
    if (this.#under > 0) return 'saving';
    if (Object.keys(this.#errors).length > 0) return 'failed';
    return this.#saved ? 'saved' : 'idle';
  }

  /** Why the last change of a field was refused. Reactive. */
  error(field: string): string | undefined {
    return this.#errors[field];
  }

  /** Tells of a field what is wrong before anybody is asked. */
  refuse(field: string, why: string): void {
    this.#errors = { ...this.#errors, [field]: why };
  }

  /** Changes the settings; `field` is where a refusal is told. */
  set(field: string, settings: SettingsEdit, files?: readonly KeptFile[]): Promise<boolean> {
    return this.save(field, { settings }, files);
  }

  /** Whether a change would wait for the network now, and files with it. */
  get waits(): boolean {
    const { boardId } = this.#wall.session;
    return !navigator.onLine || this.#wall.unsent.some(({ id }) => id === boardId);
  }

  /**
   * Tells whether it is done; for ten minutes it can then be taken back. `files` are
   * sent before a change that waits.
   */
  async save(field: string, edit: BoardEdit, files?: readonly KeptFile[]): Promise<boolean> {
    const before = this.board;
    const done = await this.#save(field, edit, files);
    if (done && before) await this.#offer(field, edit, before);
    return done;
  }

  /** Whether the last change can be taken back. Reactive. */
  get undoable(): boolean {
    return this.#undoable !== undefined && recents.list.includes(this.#undoable);
  }

  async undo(): Promise<void> {
    if (this.#undoable) await takeBack(this.#undoable);
  }

  async #offer(field: string, edit: BoardEdit, before: Board): Promise<void> {
    await language.need('history').catch(() => undefined);
    const typing = this.#last?.field === field && this.#fresh;
    const start = typing && this.#last ? this.#last.before : before;
    const reverse = reverseOf(start, edit);
    const made = this.#said(edit);
    if (made === undefined || made === JSON.stringify(reverse)) return;
    const time = new Date().toLocaleTimeString(language.lang, { timeStyle: 'short' });
    const what = t('history.setting_changed', { time });
    const undo = async () => {
      if (this.#said(edit) !== made)
        throw new ApiProblem(409, { code: 'changed_since', detail: t('history.setting_since') });
      if (!(await this.#save(field, reverse)))
        throw new ApiProblem(409, { code: 'refused', detail: this.error(field) ?? '' });
    };
    if (typing) drop(this.#undoable);
    this.#last = { field, before: start };
    this.#undoable = keep({
      wall: this.#wall,
      text: () => t('history.undo_label', { what }),
      undo,
    });
  }

  /** Whether the last change was made a moment ago, and stands. */
  get #fresh(): boolean {
    const { at = 0 } = this.#undoable ?? {};
    return this.undoable && Date.now() - at < TYPING_MS;
  }

  /** What the wall now has of all that a change changed. */
  #said(edit: BoardEdit): string | undefined {
    const { board } = this;
    return board && JSON.stringify(reverseOf(board, edit));
  }

  #save(field: string, edit: BoardEdit, files?: readonly KeptFile[]): Promise<boolean> {
    this.#wanted = [...this.#wanted, edit];
    return this.#next(field, async () => {
      try {
        if (await this.#keeps(this.#written(edit), files)) return;
        this.#take(await this.#send(edit));
        this.#saved = true;
      } finally {
        this.#wanted = this.#wanted.filter((one) => one !== edit);
      }
    });
  }

  archive(archived: boolean): Promise<boolean> {
    return this.#next(ARCHIVED, async () => {
      const id = this.#wall.session.boardId;
      if (await this.#keeps({ kind: 'archive', id, archived })) return;
      const board = await this.#http.ask('put', '/api/v1/boards/{board}/archived', {
        path: { board: this.#wall.session.boardId },
        body: { archived },
        signal: AbortSignal.timeout(LONGEST_MS),
      });
      this.#take(board);
    });
  }

  /** Does one thing once those before it are answered; `field` is where a refusal is told. */
  #next(field: string, run: () => Promise<void>): Promise<boolean> {
    const { [field]: _, ...others } = this.#errors;
    this.#errors = others;
    this.#under += 1;
    const done = this.#queue.then(async () => {
      try {
        await run();
        return true;
      } catch (error) {
        this.refuse(field, explain(error));
        return false;
      } finally {
        this.#under -= 1;
      }
    });
    this.#queue = done;
    return done;
  }

  async #send(edit: BoardEdit): Promise<Board> {
    for (let left = TRIES; ; left -= 1) {
      const rev = this.#wall.store.toldBoard?.rev ?? 1;
      try {
        return await this.#http.ask('patch', '/api/v1/boards/{board}', {
          path: { board: this.#wall.session.boardId },
          header: { 'If-Match': `"${rev}"` },
          body: edit,
          signal: AbortSignal.timeout(LONGEST_MS),
        });
      } catch (error) {
        const now = error instanceof ApiProblem ? error.current?.board : undefined;
        if (!now || left <= 1) throw error;
        this.#take(now);
      }
    }
  }

  /**
   * What a person has changed waits for the network with their other writes
   * (S18); so does what is changed while they wait.
   */
  async #keeps(write: Write, files?: readonly KeptFile[]): Promise<boolean> {
    // With files, it was found to wait before.
    if (!files && !this.waits) return false;
    const { queue } = await this.#wall.writes();
    await queue.add(write, files);
    return true;
  }

  #written(changes: BoardEdit): Write {
    const { boardId: id } = this.#wall.session;
    return { kind: 'board', id, changes, rev: this.#wall.store.board?.rev };
  }

  #take(board: Board): void {
    this.#wall.store.apply([{ kind: 'board', board }]);
  }
}

/** Where a refusal to archive is told. */
export const ARCHIVED = 'archived';
