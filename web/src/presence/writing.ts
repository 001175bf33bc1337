/** How often, in milliseconds, the wall is told that somebody goes on typing; it believes it for 8 s. */
export const EVERY_MS = 4_000;

/** Tells a wall that its person is writing, for as long as they type, and that they have stopped (S7). */
export class Writing {
  readonly #tell: (writing: boolean, signal: AbortSignal) => Promise<unknown>;
  #told = Number.NEGATIVE_INFINITY;
  #before: Promise<unknown> = Promise.resolve();

  /** `tell` may fail: nothing hangs on it, and the wall forgets by itself. */
  constructor(tell: (writing: boolean, signal: AbortSignal) => Promise<unknown>) {
    this.#tell = tell;
  }

  typed(): void {
    const now = performance.now();
    if (now - this.#told < EVERY_MS) return;
    this.#told = now;
    this.#say(true);
  }

  stop(): void {
    if (this.#told === Number.NEGATIVE_INFINITY) return;
    this.#told = Number.NEGATIVE_INFINITY;
    this.#say(false);
  }

  /** One after the other: a late "writing" must not undo "stopped". */
  #say(writing: boolean): void {
    this.#before = this.#before
      .then(() => this.#tell(writing, AbortSignal.timeout(EVERY_MS)))
      .catch(() => undefined);
  }
}
