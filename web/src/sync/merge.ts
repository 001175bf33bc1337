/** What every document has; a tombstone too, and it is merged like the rest. */
export interface Versioned {
  readonly id: string;
  readonly rev: number;
}

/**
 * The one rule of convergence (S11): the greater revision stands. Whatever the
 * order and the repeats of what arrives, the same documents remain.
 */
export function merge<D extends Versioned>(held: D | undefined, incoming: D): D {
  return held !== undefined && held.rev >= incoming.rev ? held : incoming;
}

/**
 * The same for what a snapshot says: at one revision it stands, since the
 * sight of the wall may have changed what is shown of the same document.
 */
export function mergeAnew<D extends Versioned>(held: D | undefined, incoming: D): D {
  return held !== undefined && held.rev > incoming.rev ? held : incoming;
}
