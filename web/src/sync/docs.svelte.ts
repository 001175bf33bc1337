import { merge, mergeAnew, type Versioned } from './merge';

interface Doc extends Versioned {
  readonly deleted?: boolean;
}

/** The documents of one kind of which a wall has few: sections, groups, people, reports. */
export class Docs<D extends Doc> {
  #all: ReadonlyMap<string, D> = new Map();
  #list = $state.raw<readonly D[]>([]);
  readonly #compare: (a: D, b: D) => number;

  constructor(compare: (a: D, b: D) => number) {
    this.#compare = compare;
  }

  /** Those that stand, in their order. A new array whenever one changes. Reactive. */
  get list(): readonly D[] {
    return this.#list;
  }

  /** Reactive. */
  find(id: string | undefined): D | undefined {
    return this.#list.find((doc) => doc.id === id);
  }

  /** Takes a whole snapshot: what it does not hold is no longer for us to see. */
  load(docs: readonly D[]): void {
    const held = this.#all;
    this.#set(new Map(docs.map((doc) => [doc.id, mergeAnew(held.get(doc.id), doc)])));
  }

  take(doc: D): void {
    const held = this.#all.get(doc.id);
    const now = merge(held, doc);
    if (now !== held) this.#set(new Map(this.#all).set(doc.id, now));
  }

  #set(all: ReadonlyMap<string, D>): void {
    this.#all = all;
    this.#list = [...all.values()].filter((doc) => !doc.deleted).sort(this.#compare);
  }
}

/** By the order that people have given them; as the server sorts. */
export function byOrder(a: { order: string; id: string }, b: { order: string; id: string }) {
  return compare(a.order, b.order) || compare(a.id, b.id);
}

/** Byte by byte, not as a language sorts. */
export function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
