import { forget, recall, remember } from './storage';

/**
 * Whether somebody has signed in on this device, as far as it remembers: it
 * spares everybody else a request. What opens the account, no script reads.
 */
class Known {
  #here = $state(recall('account') !== undefined);

  /** Reactive. */
  get here(): boolean {
    return this.#here;
  }

  set here(here: boolean) {
    this.#here = here;
    if (here) remember('account', 'known');
    else forget('account');
  }
}

export const known = new Known();
