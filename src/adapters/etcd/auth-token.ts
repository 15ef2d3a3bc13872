import { status } from '@grpc/grpc-js';
import type { Millis } from '../../domain/time.ts';
import type { Connection } from './connection.ts';
import { failureOf, type RawFailure } from './failure.ts';
import { methods } from './rpc-methods.ts';
import { within } from './within.ts';

/** `token` is `null` where none is needed. */
export type TokenOutcome = { readonly kind: 'token'; readonly token: string | null } | RawFailure;

export type Login = { readonly username: string; readonly password: string };

const FAILED_PRECONDITION: number = status.FAILED_PRECONDITION;

/** The token that goes with each call once the store has authenticated us. */
export class AuthToken {
  readonly #login: Login | null;
  #token: string | null = null;
  /** The store has said that it does not authenticate anybody. */
  #notNeeded = false;
  /** Of one connection: when that is left, whoever uses the next one does not wait for it. */
  #asking: { readonly connection: Connection; readonly outcome: Promise<TokenOutcome> } | null = null;

  constructor(login: Login | null) {
    this.#login = login;
  }

  async get(connection: Connection, limit: Millis): Promise<TokenOutcome> {
    if (this.#login === null || this.#notNeeded) return { kind: 'token', token: null };
    if (this.#token !== null) return { kind: 'token', token: this.#token };
    return within(this.#ask(this.#login, connection, limit), limit, () => ({
      kind: 'no-answer',
      reason: 'no token in time',
    }));
  }

  /**
   * The store did not accept `token`: the next call asks for a new one, unless another has already.
   * @returns whether that may help: not without a login.
   */
  forget(token: string | null): boolean {
    if (this.#token === token) this.#token = null;
    this.#notNeeded = false;
    return this.#login !== null;
  }

  #ask(login: Login, connection: Connection, limit: Millis): Promise<TokenOutcome> {
    if (this.#asking?.connection === connection) return this.#asking.outcome;
    const outcome = this.#authenticate(login, connection, limit).finally(() => {
      if (this.#asking?.outcome === outcome) this.#asking = null;
    });
    this.#asking = { connection, outcome };
    return outcome;
  }

  async #authenticate(login: Login, connection: Connection, limit: Millis): Promise<TokenOutcome> {
    const request = { name: login.username, password: login.password };
    const outcome = await connection.unary(methods.authenticate, request, { limit, token: null });
    if (outcome.kind === 'answered') {
      this.#token = outcome.response.token;
      return { kind: 'token', token: this.#token };
    }
    if (outcome.error.code === FAILED_PRECONDITION && outcome.error.details.includes('is not enabled')) {
      this.#notNeeded = true;
      return { kind: 'token', token: null };
    }
    return failureOf(outcome.error);
  }
}
