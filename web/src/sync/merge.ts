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
