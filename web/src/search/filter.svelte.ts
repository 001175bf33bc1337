/**
 * What of a wall is looked at. Every layout shows `shown` and nothing else of
 * the store, so that searching and filtering is done here for all of them.
 */
import { fold, type PostCell, type WallStore } from '../sync/store.svelte';

export class Filter {
  readonly #store: () => WallStore;
  /** What is typed in the search field. */
  query = $state('');
  /** The group whose sight is looked at; empty for all. */
  group = $state('');

  constructor(store: () => WallStore) {
    this.#store = store;
  }

  readonly words: readonly string[] = $derived.by(() =>
    fold(this.query).split(/\s+/).filter(Boolean),
  );

  /** Whether some posts may be left out. */
  readonly active: boolean = $derived.by(() => this.words.length > 0 || this.group !== '');

  /** Names the selection: when it changes, a layout starts again from its top. */
  readonly key: string = $derived.by(() => [this.group, ...this.words].filter(Boolean).join(' '));

  /** The posts to show, in the store's order. A new array whenever one comes or goes. */
  readonly shown: readonly PostCell[] = $derived.by(() => {
    const { order } = this.#store();
    const { words, group } = this;
    if (!this.active) return order;
    return order.filter(
      (cell) =>
        (!group || !cell.doc.groupId || cell.doc.groupId === group) &&
        words.every((word) => cell.searchText.includes(word)),
    );
  });

  clear(): void {
    this.query = '';
    this.group = '';
  }
}
