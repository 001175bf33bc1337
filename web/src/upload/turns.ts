/** Lets so many things be done at once; the others wait for their turn, in order. Each has a name. */
export class Turns {
  readonly #most: number;
  readonly #going = new Set<string>();
  readonly #waiting = new Map<string, () => void>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Does it when it is its turn; what waited under that name, or was done, is over. */
  begin(name: string, go: () => void): void {
    this.end(name);
    if (this.#going.size >= this.#most) {
      this.#waiting.set(name, go);
      return;
    }
    this.#going.add(name);
    go();
  }

  /** Ends it, or its waiting; may be called more than once. */
  end(name: string): void {
    this.#waiting.delete(name);
    if (!this.#going.delete(name)) return;
    const [next] = this.#waiting;
    if (!next) return;
    this.#waiting.delete(next[0]);
    this.#going.add(next[0]);
    next[1]();
  }
}
