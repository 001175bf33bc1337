import { Http } from '../api/http';
import type { Progress } from '../api/types';
import type { LiveWall } from '../sync/live.svelte';
import type { WallStore } from '../sync/store.svelte';

/** What comes together is asked about once, in milliseconds. */
const TOGETHER_MS = 400;
/** Between two questions at least. */
const APART_MS = 1_000;
/** Over how long a room asks that has learnt something all at once. */
const SPREAD_MS = 4_000;
/** How soon it is asked again what could not be read. */
const RETRY_MS = 15_000;

/** How far the person has come with what the wall asks, as the server counts it. */
export class Checklist {
  /** Nothing until it was first read. */
  rules = $state.raw<readonly Progress[]>([]);
  trouble = $state(false);
  readonly #wall: LiveWall;
  readonly #http: Http;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #askedAt = Number.NEGATIVE_INFINITY;
  #stopped = false;

  constructor(wall: LiveWall) {
    this.#wall = wall;
    this.#http = new Http(wall.session.fetch);
  }

  get done(): number {
    return this.rules.filter(({ done }) => done).length;
  }

  /** Asks soon; of what everybody learns at once, somewhat later. */
  refresh(everybody = false): void {
    this.#ask(TOGETHER_MS + (everybody ? Math.random() * SPREAD_MS : 0));
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #ask(within: number): void {
    const now = performance.now();
    const due = Math.max(now + within, this.#askedAt + APART_MS);
    if (this.#stopped || due >= this.#dueAt) return;
    clearTimeout(this.#timer);
    this.#dueAt = due;
    this.#timer = setTimeout(() => void this.#read(), due - now);
  }

  async #read(): Promise<void> {
    this.#dueAt = Number.POSITIVE_INFINITY;
    this.#askedAt = performance.now();
    try {
      const path = { board: this.#wall.session.boardId };
      const { rules } = await this.#http.ask('get', '/api/v1/boards/{board}/checklist', { path });
      if (this.#stopped) return;
      this.rules = rules;
      this.trouble = false;
    } catch {
      this.trouble = true;
      this.#ask(RETRY_MS);
    }
  }
}

/**
 * What on the wall the person's numbers follow from, as far as it is known here;
 * another text whenever it has changed. Reactive.
 */
export function follows(store: WallStore, me: string | undefined): string {
  const mine: string[] = [];
  for (const cell of store.order) {
    if (store.owns(cell)) mine.push(`${cell.id}:${cell.told?.rev}`);
  }
  for (const comment of store.comments.list) {
    if (comment.author.id === me || store.owns(comment)) mine.push(`${comment.id}:${comment.rev}`);
  }
  const sections = store.sections.list.map(({ id }) => id);
  const { settings, completion } = store.board ?? {};
  return JSON.stringify([
    store.loads,
    mine,
    store.given,
    sections,
    settings?.reactions,
    completion,
  ]);
}
