import { merge, mergeAnew, type Versioned } from './merge';

interface Doc extends Versioned {
  readonly deleted?: boolean;
}

/** The documents of one kind of which a wall has few: sections, groups, people, reports. */
export class Docs<D extends Doc> {
  #all: ReadonlyMap<string, D> = new Map();
  #list = $state.raw<readonly D[]>([]);
  #presumed: ReadonlyMap<string, D> = new Map();
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

  /** Shows a document as it will be, until the answer has come. */
  presume(doc: D): () => void {
    this.#presumed = new Map(this.#presumed).set(doc.id, doc);
    this.#set(this.#all);
    return () => {
      if (this.#presumed.get(doc.id) !== doc) return;
      this.#presumed = new Map([...this.#presumed].filter(([id]) => id !== doc.id));
      this.#set(this.#all);
    };
  }

  #set(all: ReadonlyMap<string, D>): void {
    this.#all = all;
    const shown = [...all.values()].map((doc) => this.#presumed.get(doc.id) ?? doc);
    this.#list = shown.filter((doc) => !doc.deleted).sort(this.#compare);
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
