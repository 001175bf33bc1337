/** One passing message. `lasts` is in milliseconds; 0 stays until dismissed. */
export interface ToastOptions {
  text: string;
  action?: { label: string; run: () => void };
  lasts?: number;
}

export interface ToastItem extends ToastOptions {
  readonly key: number;
}

const USUAL = 6_000;

/** The passing messages shown, oldest first. */
export class Toasts {
  #items = $state.raw<readonly ToastItem[]>([]);
  #next = 1;

  get items(): readonly ToastItem[] {
    return this.#items;
  }

  /** Shows a message; the answer takes it away. */
  show(options: ToastOptions): () => void {
    const item = { lasts: USUAL, ...options, key: this.#next++ };
    this.#items = [...this.#items, item];
    return () => this.dismiss(item.key);
  }

  dismiss(key: number): void {
    this.#items = this.#items.filter((item) => item.key !== key);
  }
}

/** The page has one place for passing messages. */
export const toasts = new Toasts();
