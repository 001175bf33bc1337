/** Some of a list, shown or left out of the layout as one. */
export interface Block<T> {
  readonly key: string;
  readonly items: readonly T[];
}

/** How many items a block has; between half of it and twice as many while the list changes. */
export const BLOCK = 50;

/**
 * Cuts a list into blocks, and keeps the cuts where they were: what comes or
 * goes changes its own block, and the others rest.
 */
export class Blocks<T extends { readonly id: string }> {
  #last: readonly Block<T>[] = [];

  cut(items: readonly T[]): readonly Block<T>[] {
    const begins = new Map(this.#last.map((block) => [block.items[0]?.id ?? '', block]));
    const made: { key: string; items: T[] }[] = [];
    const most = this.#last.length === 0 ? BLOCK : 2 * BLOCK;
    let at: { key: string; items: T[] } | undefined;
    for (const item of items) {
      const before = begins.get(item.id);
      const full = at !== undefined && at.items.length >= (before ? BLOCK / 2 : most);
      if (!at || full) {
        at = { key: before?.key ?? item.id, items: [] };
        made.push(at);
      } else if (before && at.items.length < BLOCK / 2 && !begins.has(at.items[0]?.id ?? '')) {
        at.key = before.key; // a few that came first: the block is what they came to
      }
      at.items.push(item);
    }
    const keys = new Set<string>();
    for (const block of made) {
      if (keys.has(block.key)) block.key = `${block.key} ${block.items[0]?.id}`;
      keys.add(block.key);
    }
    const before = new Map(this.#last.map((block) => [block.key, block]));
    this.#last = made.map((block) => kept(before.get(block.key), block));
    return this.#last;
  }
}

function kept<T>(before: Block<T> | undefined, now: Block<T>): Block<T> {
  const same =
    before?.items.length === now.items.length &&
    before.items.every((one, i) => one === now.items[i]);
  return same && before ? before : now;
}
