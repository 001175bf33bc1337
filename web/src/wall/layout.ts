/** What the layout needs of a post. */
export interface Placeable {
  readonly id: string;
}

/** Where a post stands, in pixels from the top left of the wall; `index` is its place in reading order. */
export interface Placement<T extends Placeable> {
  readonly item: T;
  column: number;
  top: number;
  height: number;
  index: number;
}

export interface Geometry {
  columns: number;
  columnWidth: number;
  gap: number;
}

/** The column of what stands by those that it follows, until they are stacked. */
const UNSAID = -1;

/** As many columns as fit, `most` at most. Lengths in pixels. */
export function geometryFor(
  width: number,
  narrowest: number,
  gap: number,
  most = Number.POSITIVE_INFINITY,
): Geometry {
  const fit = Math.floor((width + gap) / (narrowest + gap));
  const columns = Math.max(1, Math.min(most, fit));
  return { columns, columnWidth: (width - gap * (columns - 1)) / columns, gap };
}

/**
 * A masonry of cards of known or estimated heights, in columns of one width.
 *
 * The first packing follows the reading order, each card to the column that is
 * shortest so far, so that the top row reads from left to right. From then on a
 * card keeps its column: an arrival goes on top of the shortest one, or under
 * it, and pushes that column alone; one that comes or is moved between others
 * stands by those that it follows.
 */
export class Masonry<T extends Placeable> {
  readonly #estimate: (item: T, columnWidth: number) => number;
  #geometry: Geometry;
  #placements = new Map<string, Placement<T>>();
  readonly #measured: Map<string, number>;
  #columns: Placement<T>[][] = [[]];
  #heights: number[] = [0];
  #items: readonly T[] = [];

  /** `measured` are the heights known by id, which several may share. */
  constructor(
    estimate: (item: T, columnWidth: number) => number,
    measured: Map<string, number> = new Map(),
    geometry: Geometry = { columns: 1, columnWidth: 0, gap: 0 },
  ) {
    this.#estimate = estimate;
    this.#measured = measured;
    this.#geometry = geometry;
  }

  /** The height of the tallest column. */
  get height(): number {
    return Math.max(0, ...this.#heights) - (this.#items.length > 0 ? this.#geometry.gap : 0);
  }

  at(id: string): Placement<T> | undefined {
    return this.#placements.get(id);
  }

  /** Another width: every measure is void and the packing starts again. */
  reshape(geometry: Geometry): void {
    const same = geometry.columnWidth === this.#geometry.columnWidth;
    if (same && geometry.columns === this.#geometry.columns) return;
    this.#geometry = geometry;
    if (!same) this.#measured.clear();
    this.repack(this.#items);
  }

  /** Forgets the columns and packs anew: for another selection of posts. */
  repack(items: readonly T[]): void {
    this.#placements = new Map();
    this.#items = items;
    this.#heights = Array.from({ length: this.#geometry.columns }, () => 0);
    items.forEach((item, index) => {
      const column = shortest(this.#heights);
      const placement = { item, column, top: 0, height: this.#heightOf(item), index };
      this.#placements.set(item.id, placement);
      this.#heights[column] = (this.#heights[column] ?? 0) + placement.height + this.#geometry.gap;
    });
    this.#stack();
  }

  /** The posts to show, in reading order; those known already keep their column. */
  update(items: readonly T[]): void {
    if (this.#items.length === 0) {
      this.repack(items);
      return;
    }
    this.#forget(items);
    this.#items = items;
    for (const id of displaced(items, this.#placements)) this.#placements.delete(id);
    const known = (item: T) => this.#placements.has(item.id);
    const first = items.findIndex(known);
    const last = items.findLastIndex(known);
    // From the oldest on, as they came.
    for (let index = items.length - 1; index >= 0; index -= 1) {
      const item = items[index] as T;
      const placement = this.#placements.get(item.id);
      const between = index > first && index < last;
      if (placement) placement.index = index;
      else this.#placements.set(item.id, this.#arrival(item, index, between));
    }
    this.#stack();
  }

  /** Takes measured heights in; tells whether anything moved. */
  measure(heights: ReadonlyMap<string, number>): boolean {
    let moved = false;
    for (const [id, height] of heights) {
      this.#measured.set(id, height);
      const placement = this.#placements.get(id);
      if (!placement || Math.abs(placement.height - height) < 0.5) continue;
      placement.height = height;
      moved = true;
    }
    if (moved) this.#stack();
    return moved;
  }

  /** The posts that touch the band from `top` to `bottom`, in reading order. */
  within(top: number, bottom: number): Placement<T>[] {
    const found: Placement<T>[] = [];
    for (const column of this.#columns) {
      for (let i = firstBelow(column, top); i < column.length; i += 1) {
        const placement = column[i] as Placement<T>;
        if (placement.top >= bottom) break;
        found.push(placement);
      }
    }
    return found.sort((a, b) => a.index - b.index);
  }

  #forget(items: readonly T[]): void {
    const stay = new Set(items.map(({ id }) => id));
    for (const { id } of this.#items) {
      if (!stay.has(id)) this.#placements.delete(id);
    }
  }

  /** Where a new post goes, the heights being those before it came. */
  #arrival(item: T, index: number, between: boolean): Placement<T> {
    const height = this.#heightOf(item);
    if (between) return { item, column: UNSAID, top: 0, height, index };
    const column = shortest(this.#heights);
    this.#heights[column] = (this.#heights[column] ?? 0) + height + this.#geometry.gap;
    return { item, column, top: 0, height, index };
  }

  #heightOf(item: T): number {
    return this.#measured.get(item.id) ?? this.#estimate(item, this.#geometry.columnWidth);
  }

  #stack(): void {
    const { columns, gap } = this.#geometry;
    this.#columns = Array.from({ length: columns }, () => []);
    this.#heights = Array.from({ length: columns }, () => 0);
    for (const item of this.#items) {
      const placement = this.#placements.get(item.id);
      if (!placement) continue;
      if (placement.column === UNSAID) placement.column = shortest(this.#heights);
      const { column } = placement;
      placement.top = this.#heights[column] ?? 0;
      this.#heights[column] = placement.top + placement.height + gap;
      this.#columns[column]?.push(placement);
    }
  }
}

/** Whether those that stood before still stand in the same order, as they mostly do. */
function inOrder(
  items: readonly Placeable[],
  placements: ReadonlyMap<string, { readonly index: number }>,
): boolean {
  let last = -1;
  for (const { id } of items) {
    const index = placements.get(id)?.index;
    if (index === undefined) continue;
    if (index <= last) return false;
    last = index;
  }
  return true;
}

/** The fewest items whose leaving puts the rest in the order in which they stood. */
function displaced(
  items: readonly Placeable[],
  placements: ReadonlyMap<string, { readonly index: number }>,
): string[] {
  if (inOrder(items, placements)) return [];
  const stood = items.flatMap(({ id }) => {
    const index = placements.get(id)?.index;
    return index === undefined ? [] : [{ id, index }];
  });
  // The longest run that grows: the end of the best run of each length, and what came before it.
  const ends: number[] = [];
  const before: number[] = [];
  const indexAt = (i: number) => stood[i]?.index ?? 0;
  for (let i = 0; i < stood.length; i += 1) {
    let low = 0;
    for (let high = ends.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (indexAt(ends[middle] ?? 0) < indexAt(i)) low = middle + 1;
      else high = middle;
    }
    before[i] = ends[low - 1] ?? -1;
    ends[low] = i;
  }
  const stay = new Set<number>();
  for (let i = ends.at(-1) ?? -1; i >= 0; i = before[i] ?? -1) stay.add(i);
  return stood.flatMap(({ id }, i) => (stay.has(i) ? [] : [id]));
}

function shortest(heights: readonly number[]): number {
  let best = 0;
  for (let i = 1; i < heights.length; i += 1) {
    if ((heights[i] ?? 0) < (heights[best] ?? 0)) best = i;
  }
  return best;
}

/** The first placement of a column that ends below `top`. */
function firstBelow(column: readonly Placement<Placeable>[], top: number): number {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const placement = column[middle] as Placement<Placeable>;
    if (placement.top + placement.height <= top) low = middle + 1;
    else high = middle;
  }
  return low;
}
