import { recallJson, remember } from '../device/storage';

/** A site whose players a person lets in unasked, on this device. */
export interface Allowed {
  /** Where its frames come from. */
  readonly host: string;
  readonly name: string;
}

const KEY = 'players';

/** The sites that a person lets in unasked; nobody else is told of them. */
export class Consent {
  #allowed = $state.raw(kept());

  constructor() {
    // What is taken back in one tab is taken back in all.
    addEventListener('storage', () => {
      this.#allowed = kept();
    });
  }

  /** In the order in which they were let in. Reactive. */
  get allowed(): readonly Allowed[] {
    return this.#allowed;
  }

  /** Reactive. */
  allows(host: string): boolean {
    return this.#allowed.some((one) => one.host === host);
  }

  allow(host: string, name: string): void {
    this.#keep([...this.#allowed.filter((one) => one.host !== host), { host, name }]);
  }

  refuse(host: string): void {
    this.#keep(this.#allowed.filter((one) => one.host !== host));
  }

  refuseAll(): void {
    this.#keep([]);
  }

  #keep(allowed: readonly Allowed[]): void {
    this.#allowed = allowed;
    remember(KEY, JSON.stringify(allowed));
  }
}

export const consent = new Consent();

function kept(): readonly Allowed[] {
  return recallJson(KEY, isList) ?? [];
}

function isList(value: unknown): value is Allowed[] {
  return Array.isArray(value) && value.every((one) => isText(one?.host) && isText(one?.name));
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
