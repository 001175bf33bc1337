/**
 * What of a wall is looked at. Every layout shows `shown` and nothing else of
 * the store, so that searching and filtering is done here for all of them.
 */
import { fold, type PostCell, type WallStore } from '../sync/store.svelte';

/** What was chosen of each facet of posts, such as their author; a post is of one of the values. */
export type Chosen = ReadonlyMap<string, ReadonlySet<string>>;
/** Tells whether a post is of what was chosen; comes with the filters, on demand. */
export type Test = (cell: PostCell, chosen: Chosen) => boolean;

const NOTHING: Chosen = new Map();

export class Filter {
  readonly #store: () => WallStore;
  /** What is typed in the search field. */
  query = $state('');
  /** The group whose sight is looked at; empty for all. */
  group = $state('');
  /** Whether the filters are shown. */
  open = $state(false);
  #chosen = $state.raw(NOTHING);
  #test: Test = () => true;

  constructor(store: () => WallStore) {
    this.#store = store;
  }

  readonly words: readonly string[] = $derived.by(() =>
    fold(this.query).split(/\s+/).filter(Boolean),
  );

  get chosen(): Chosen {
    return this.#chosen;
  }

  /** Whether some posts may be left out. */
  readonly active: boolean = $derived.by(
    () => this.words.length > 0 || this.#chosen.size > 0 || this.group !== '',
  );

  /** Names the selection: when it changes, a layout starts again from its top. */
  readonly key: string = $derived.by(() =>
    [
      this.group,
      this.words.join(' '),
      ...[...this.#chosen].map(([facet, of]) => `${facet} ${[...of]}`),
    ].join(),
  );

  /** The posts to show, in the store's order. A new array whenever one comes or goes. */
  readonly shown: readonly PostCell[] = $derived.by(() => {
    const { order } = this.#store();
    const chosen = this.#chosen;
    if (!this.active) return order;
    return order.filter((cell) => this.found(cell) && this.#test(cell, chosen));
  });

  /** Whether a post is of the sight that is looked at, and has what is searched for. */
  found(cell: PostCell): boolean {
    const { groupId } = cell.doc;
    if (this.group && groupId && groupId !== this.group) return false;
    return this.words.every((word) => cell.searchText.includes(word));
  }

  choose(chosen: Chosen, test: Test): void {
    this.#test = test;
    this.#chosen = chosen;
  }

  clear(): void {
    this.query = '';
    this.group = '';
    this.#chosen = NOTHING;
  }
}
