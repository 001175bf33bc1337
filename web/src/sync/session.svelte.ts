import { ApiProblem, networkProblem, problemOf } from '../api/problem';
import type { Ability, Role, Session, You } from '../api/types';
import { forget, recall, remember } from '../device/storage';
import { TICKET } from '../router/router.svelte';

export interface SessionOptions {
  boardId: string;
  /** The link's secret, when the page was opened by the link. */
  secret?: string | undefined;
  /** Of a link that asks for one. */
  password?: string | undefined;
  /** Who has signed in on this device; undefined for nobody. */
  signedIn?: (() => Promise<SignedIn | undefined>) | undefined;
  /** For the Accept-Language header. */
  lang: () => string;
  fetch?: (request: Request) => Promise<Response>;
}

const RENEW_BEFORE_MS = 60_000;
const SHORTEST_LIFE_MS = 30_000;

/**
 * One person's session on one board. The token lives in memory only; the
 * renewal token is kept on the device, so that a reload is the same
 * participant. Every request of the app goes through `fetch` here.
 */
export class BoardSession {
  readonly boardId: string;
  readonly #options: SessionOptions;
  #current = $state.raw<Session>();
  #you = $state.raw<You>();
  #goodUntil = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #renewing: Promise<Session> | undefined;

  constructor(options: SessionOptions) {
    this.boardId = options.boardId;
    this.#options = options;
  }

  /** Undefined before `start`; reactive. */
  get current(): Session | undefined {
    return this.#current;
  }

  get me(): string | undefined {
    return this.#current?.participant.id;
  }

  /** Reactive. */
  get role(): Role | undefined {
    return this.#you?.role ?? this.#current?.role;
  }

  /** The person's group, if they have one. Reactive. */
  get group(): string | undefined {
    return (this.#you ?? this.#current)?.groupId;
  }

  /** Whether the person shapes and moderates the wall. Reactive. */
  get moderates(): boolean {
    return this.role === 'owner' || this.role === 'moderator';
  }

  /** What the server allows now; the live stream tells when that changes. Reactive. */
  may(ability: Ability): boolean {
    return (this.#you ?? this.#current)?.abilities.includes(ability) ?? false;
  }

  /** Takes in what the stream tells about the person. */
  told(you: You): void {
    this.#you = you;
  }

  /** A writer or moderator must have a name before writing. */
  get needsName(): boolean {
    const session = this.#current;
    return session !== undefined && session.role !== 'reader' && !session.participant.name;
  }

  /**
   * Opens the session. The link's secret says the role; the renewal token that
   * this device holds says who, so that opening a link again is the same
   * participant. Rejects with an `ApiProblem`; the code is `session_missing`
   * when there is neither.
   */
  async start(): Promise<Session> {
    const { secret, password } = this.#options;
    if (secret?.startsWith(TICKET)) {
      const { visit } = await import('../embed/ticket');
      return visit(
        secret,
        (by) => this.#enter(by),
        () => this.renew(),
      );
    }
    const who = await this.#options.signedIn?.().catch(() => undefined);
    if (secret === undefined) {
      const owned = await who?.open(this.boardId).catch(() => undefined);
      return owned ? this.#take(owned) : this.renew();
    }
    try {
      const renewal = keptSession(this.boardId);
      return await this.#enter({ secret, password, renewal, account: who?.token });
    } catch (error) {
      // A link cut short, or withdrawn, does not undo what an earlier one gave.
      const final = error instanceof ApiProblem && !error.transient && !asksPassword(error);
      if (final && keptSession(this.boardId) !== undefined) return this.renew();
      throw error;
    }
  }

  /** Gives the participant a name, 1–60 characters. */
  async giveName(name: string): Promise<Session> {
    return this.#renewWith(name);
  }

  /** A new token for the same participant; one request however many ask. */
  renew(): Promise<Session> {
    this.#renewing ??= this.#renewWith().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  /**
   * Sends a request with the session: renewed when it is about to
   * end, and once more when the server says it has ended. Rejects with an
   * `ApiProblem` when no answer comes or the session can't be renewed.
   */
  readonly fetch = async (request: Request): Promise<Response> => {
    if (this.#current && performance.now() > this.#goodUntil) await this.renew();
    const again = request.clone();
    const used = this.#current?.token;
    const response = await this.#send(request);
    if (response.status !== 401) return response;
    // Another request may have renewed it while this one was under way.
    if (this.#current?.token === used) await this.renew();
    return this.#send(again);
  };

  stop(): void {
    clearTimeout(this.#timer);
  }

  async #send(request: Request): Promise<Response> {
    request.headers.set('Accept-Language', this.#options.lang());
    if (this.#current) request.headers.set('Authorization', `Bearer ${this.#current.token}`);
    const { fetch: send = globalThis.fetch } = this.#options;
    try {
      return await send(request);
    } catch (error) {
      if (request.signal.aborted) throw error;
      throw networkProblem();
    }
  }

  async #renewWith(name?: string): Promise<Session> {
    const renewal = keptSession(this.boardId);
    if (renewal === undefined) throw new ApiProblem(401, { code: 'session_missing' });
    return this.#enter({ renewal, name });
  }

  async #enter(by: Readonly<Record<string, string | undefined>>): Promise<Session> {
    const request = new Request(new URL('/api/v1/sessions', window.location.origin), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ boardId: this.boardId, ...by }),
    });
    const response = await this.#send(request);
    if (!response.ok) throw await problemOf(response);
    return this.#take({ session: await response.json(), at: response.headers.get('Date') });
  }

  #take({ session, at }: Answer): Session {
    // Both dates are the server's: the device's clock may be wrong by hours.
    const sent = Date.parse(at ?? '') || Date.now();
    const life = Math.max(Date.parse(session.expiresAt) - sent, SHORTEST_LIFE_MS);
    const fresh = Math.max(life - RENEW_BEFORE_MS, life / 2);
    this.#current = session;
    this.#you = undefined;
    this.#goodUntil = performance.now() + fresh;
    keepSession(session);
    clearTimeout(this.#timer);
    // A failure here is met again, and told, by the next request.
    this.#timer = setTimeout(() => void this.renew().catch(() => undefined), fresh);
    return session;
  }
}

/** Somebody who has signed in. */
export interface SignedIn {
  readonly token: string;
  /** Opens a wall of their own; rejects when it is not theirs. */
  open(board: string): Promise<Answer>;
}

export interface Answer {
  session: Session;
  at: string | null;
}

/** Keeps on the device what makes its person the same participant again. */
export function keepSession({ boardId, renewal }: Pick<Session, 'boardId' | 'renewal'>): void {
  remember(`session.${boardId}`, renewal);
}

export function keptSession(boardId: string): string | undefined {
  return recall(`session.${boardId}`);
}

/** Makes this device a stranger to a board. */
export function forgetSession(boardId: string): void {
  forget(`session.${boardId}`);
}

/** Tells a link that opens with a password, none or another one having been given. */
export function asksPassword({ code }: ApiProblem): boolean {
  return code === 'link_password_required' || code === 'link_password';
}
