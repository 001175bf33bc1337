/** How long, in milliseconds, the live region stays quiet between two messages. */
export const QUIET_MS = 5_000;

/**
 * What a screen reader is told of the wall's life, gently: at most one message
 * every 5 s, and the latest of those that came meanwhile.
 */
export class Announcer {
  #text = $state('');
  #pending: (() => string) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  get text(): string {
    return this.#text;
  }

  /** `words` is asked when the time comes, so that a count is the latest one. */
  say(words: () => string): void {
    this.#pending = words;
    if (this.#timer === undefined) this.#speak();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#pending = undefined;
  }

  #speak(): void {
    if (!this.#pending) {
      this.#timer = undefined;
      return;
    }
    this.#text = this.#pending();
    this.#pending = undefined;
    this.#timer = setTimeout(() => this.#speak(), QUIET_MS);
  }
}
