import { type Geometry, Masonry, type Placeable, type Placement } from '../wall/layout';

/** Posts that stand together, under a heading if it is `titled`. */
export interface Part<T extends Placeable> {
  readonly id: string;
  readonly titled: boolean;
  readonly cells: readonly T[];
}

/** A placement from the top of all chapters; its index counts within its own. */
export interface InChapter<T extends Placeable> extends Placement<T> {
  readonly chapter: string;
}

interface Stacked<T extends Placeable> {
  part: Part<T>;
  readonly masonry: Masonry<T>;
  top: number;
  /** Where its cards begin. */
  body: number;
}

/** Space before a chapter that follows another, in pixels. */
const BETWEEN = 20;
/** Of a heading that has not been measured yet. */
const HEADING = 56;

/** What a heading is measured under. */
export function headingKey(chapter: string): string {
  return `heading ${chapter}`;
}

/**
 * Chapters under one another, each a masonry of its own. Heights are known by
 * id, whatever chapter a card is in, so that one that is moved keeps its own.
 */
export class Chapters<T extends Placeable> {
  readonly #estimate: (item: T, columnWidth: number) => number;
  readonly #measured = new Map<string, number>();
  readonly #headings = new Map<string, number>();
  #geometry: Geometry = { columns: 1, columnWidth: 0, gap: 0 };
  #stacked: Stacked<T>[] = [];
  #height = 0;

  constructor(estimate: (item: T, columnWidth: number) => number) {
    this.#estimate = estimate;
  }

  get geometry(): Geometry {
    return this.#geometry;
  }

  get height(): number {
    return this.#height;
  }

  /** Where each chapter's heading begins, in their order. */
  get tops(): readonly { readonly id: string; readonly top: number }[] {
    return this.#stacked.map(({ part, top }) => ({ id: part.id, top }));
  }

  at(id: string): InChapter<T> | undefined {
    for (const stacked of this.#stacked) {
      const found = stacked.masonry.at(id);
      if (found) return placed(stacked, found);
    }
    return undefined;
  }

  /** The post so many places after another, or before it, over the chapters. */
  from(id: string, steps: number): T | undefined {
    const all = this.#stacked.flatMap(({ part }) => part.cells);
    const at = all.findIndex((item) => item.id === id);
    return at < 0 ? undefined : all[at + steps];
  }

  /** The post at a place of a chapter, or the last one before it. */
  near(chapter: string, index: number): T | undefined {
    const cells = this.#stacked.find(({ part }) => part.id === chapter)?.part.cells ?? [];
    return cells[Math.min(index, cells.length - 1)];
  }

  /** Tells whether the width, and so every measure, changed. */
  reshape(geometry: Geometry): boolean {
    const { columns, columnWidth } = this.#geometry;
    const same = geometry.columnWidth === columnWidth;
    if (same && geometry.columns === columns) return false;
    this.#geometry = geometry;
    if (!same) this.#measured.clear();
    for (const { masonry } of this.#stacked) masonry.reshape(geometry);
    this.#stack();
    return !same;
  }

  /** Packs all anew: for another selection of posts. */
  repack(parts: readonly Part<T>[]): void {
    this.#stacked = [];
    this.update(parts);
  }

  /** The chapters to show, in their order; posts known already keep their column. */
  update(parts: readonly Part<T>[]): void {
    const known = new Map(this.#stacked.map((one) => [one.part.id, one]));
    this.#stacked = parts.map((part) => {
      const there = known.get(part.id);
      if (!there) return this.#add(part);
      if (there.part.cells !== part.cells) there.masonry.update(part.cells);
      there.part = part;
      return there;
    });
    this.#stack();
  }

  /** Takes measured heights in, headings' by their keys; tells whether anything moved. */
  measure(heights: ReadonlyMap<string, number>): boolean {
    let moved = false;
    for (const { part, masonry } of this.#stacked) {
      const key = headingKey(part.id);
      const heading = heights.get(key);
      if (heading !== undefined && heading !== this.#headings.get(key)) {
        this.#headings.set(key, heading);
        moved = true;
      }
      if (masonry.measure(heights)) moved = true;
    }
    if (moved) this.#stack();
    return moved;
  }

  /** The posts that touch the band from `top` to `bottom`, in reading order. */
  within(top: number, bottom: number): InChapter<T>[] {
    return this.#stacked.flatMap((stacked) => {
      const { body, masonry } = stacked;
      if (body >= bottom || body + masonry.height <= top) return [];
      return masonry.within(top - body, bottom - body).map((one) => placed(stacked, one));
    });
  }

  #add(part: Part<T>): Stacked<T> {
    const masonry = new Masonry<T>(this.#estimate, this.#measured, this.#geometry);
    masonry.repack(part.cells);
    return { part, masonry, top: 0, body: 0 };
  }

  #stack(): void {
    let at = 0;
    for (const one of this.#stacked) {
      if (at > 0) at += BETWEEN;
      const { titled, id } = one.part;
      one.top = at;
      one.body = at + (titled ? (this.#headings.get(headingKey(id)) ?? HEADING) : 0);
      at = one.body + one.masonry.height;
    }
    this.#height = at;
  }
}

function placed<T extends Placeable>(
  { part, body }: Stacked<T>,
  found: Placement<T>,
): InChapter<T> {
  return { ...found, top: body + found.top, chapter: part.id };
}
