const TICK_MS = 30_000;

/** The time for relative dates, moving on twice a minute; one timer for the page. */
class Clock {
  #now = $state(Date.now());

  constructor() {
    setInterval(() => {
      if (document.visibilityState === 'visible') this.#now = Date.now();
    }, TICK_MS);
  }

  /** Milliseconds since 1970; reactive. */
  get now(): number {
    return this.#now;
  }
}

export const clock = new Clock();
