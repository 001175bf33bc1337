import { Http } from '../api/http';
import { ApiProblem, networkProblem } from '../api/problem';
import type { components } from '../api/schema';
import { known } from '../device/known.svelte';
import { language } from '../i18n/index.svelte';

type Schemas = components['schemas'];
export type AccountSession = Schemas['AccountSession'];
export type OwnedWall = Schemas['OwnedWall'];
export type Template = Schemas['Template'];
export type SignInOptions = Schemas['SignInOptions'];
export type TeamMember = Schemas['TeamMember'];
export type LocalAccount = Schemas['LocalAccount'];
export type NewInvitation = Schemas['NewInvitation'];
export type Invited = Schemas['Invited'];

/** What makes a local account. */
export interface NewAccount {
  name: string;
  login: string;
  password: string;
}

/** In characters; the server has no other rule. */
export const SHORTEST_PASSWORD = 12;

/** Proves that this page asks, and not another site's with the cookie. */
const INTENT = { 'Fresque-Account': '1' } as const;
const ASKED = { path: undefined, header: INTENT } as const;
const RENEW_BEFORE_MS = 60_000;

/**
 * Who has signed in. The token lives in memory; what renews it is a cookie
 * that no script reads.
 */
class Account {
  // Not reactive: a renewal must not ask again what was asked with it.
  #session: AccountSession | undefined;
  #who = $state.raw<AccountSession['account']>();
  #goodUntil = 0;
  #renewing: Promise<AccountSession> | undefined;

  /** Undefined until signed in; reactive. */
  get current(): AccountSession['account'] | undefined {
    return this.#who;
  }

  /** Asks with the account's token, renewed when it is about to end. */
  readonly http = new Http(async (request) => {
    const { token } = await this.session();
    request.headers.set('Authorization', `Bearer ${token}`);
    const response = await send(request);
    if (response.status === 401) this.#end();
    return response;
  });

  readonly #open = new Http(send);

  options(): Promise<SignInOptions> {
    return this.#open.ask('get', '/api/v1/account/options', { path: undefined });
  }

  async signIn(login: string, password: string): Promise<void> {
    const body = { login, password };
    this.#take(
      await this.#open.ask('post', '/api/v1/account/sessions', {
        path: undefined,
        header: INTENT,
        body,
      }),
    );
  }

  async setUp(code: string, login: string, name: string, password: string): Promise<void> {
    const body = { code, login, name, password };
    this.#take(
      await this.#open.ask('post', '/api/v1/account/setup', {
        path: undefined,
        header: INTENT,
        body,
      }),
    );
  }

  /** A session that is still good; rejects when nobody has signed in. */
  async session(): Promise<AccountSession> {
    if (this.#session && performance.now() < this.#goodUntil) return this.#session;
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  /** What an invitation opens. */
  invited(code: string): Promise<Invited> {
    return this.#open.ask('post', '/api/v1/account/invitation', { ...ASKED, body: { code } });
  }

  /** Makes the account that one was invited to, and signs in. */
  async takeAccount(code: string, given: NewAccount): Promise<void> {
    const asked = { ...ASKED, body: { code, ...given } };
    this.#take(await this.#open.ask('post', '/api/v1/account/invitation/account', asked));
  }

  /** Chooses the password that one was invited to, and signs in. */
  async takePassword(code: string, password: string): Promise<void> {
    const asked = { ...ASKED, body: { code, password } };
    this.#take(await this.#open.ask('post', '/api/v1/account/invitation/password', asked));
  }

  /** Takes the wall, or the seat on it, that one was invited to. */
  takeWall(code: string): Promise<OwnedWall> {
    const asked = { path: undefined, body: { code } };
    return this.http.ask('post', '/api/v1/account/invitation/wall', asked);
  }

  /** Every other session of the account ends. */
  async changePassword(current: string, password: string): Promise<void> {
    const asked = { path: undefined, body: { current, password } };
    this.#take(await this.http.ask('put', '/api/v1/account/password', asked));
  }

  /**
   * Ends the session here, or on every device. Gives where to go on to, for the
   * provider to end its own.
   */
  async signOut(everywhere: boolean): Promise<string | undefined> {
    const { providerUrl } = everywhere
      ? await this.http.ask('delete', '/api/v1/account/sessions/all', ASKED)
      : await this.#open.ask('delete', '/api/v1/account/sessions', ASKED);
    this.#end();
    return providerUrl;
  }

  /** Has the account closed, and signs out; gives when it closes. */
  async close(password: string): Promise<string> {
    const asked = { path: undefined, body: { ...(password && { password }) } };
    const { closesAt } = await this.http.ask('put', '/api/v1/account/closing', asked);
    this.#end();
    return closesAt ?? '';
  }

  /** Keeps the account that was to be closed. */
  async keep(): Promise<void> {
    this.#who = await this.http.ask('delete', '/api/v1/account/closing', { path: undefined });
  }

  async #renew(): Promise<AccountSession> {
    try {
      return this.#take(
        await this.#open.ask('post', '/api/v1/account/sessions/renewal', {
          path: undefined,
          header: INTENT,
        }),
      );
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) this.#end();
      throw error;
    }
  }

  #take(session: AccountSession): AccountSession {
    this.#session = session;
    this.#who = session.account;
    // However wrong the device's clock is, a session lasts for some minutes.
    const life = Math.max(Date.parse(session.expiresAt) - Date.now(), 5 * RENEW_BEFORE_MS);
    this.#goodUntil = performance.now() + Math.min(life, 15 * RENEW_BEFORE_MS) - RENEW_BEFORE_MS;
    known.here = true;
    return session;
  }

  #end(): void {
    this.#session = undefined;
    this.#who = undefined;
    known.here = false;
  }
}

async function send(request: Request): Promise<Response> {
  request.headers.set('Accept-Language', language.lang);
  try {
    return await fetch(request);
  } catch {
    throw networkProblem();
  }
}

export const account = new Account();
