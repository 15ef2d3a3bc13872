import type { StoreConfig } from '../../domain/agent-config.ts';
import { between, type Instant, later, type Millis, millis } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { AuthToken, type Login } from './auth-token.ts';
import type { Connection, RpcStream } from './connection.ts';
import { Connections } from './connections.ts';
import { endpointUrl, parseClientUrl } from './endpoint.ts';
import { type CallFailure, failureOf, type RawFailure } from './failure.ts';
import type { ResponseHeader } from './rpc.generated.ts';
import { type Method, methods } from './rpc-methods.ts';
import { findByService } from './service-records.ts';
import { TermGuard } from './term-guard.ts';

export type CallOutcome<Response> = { readonly kind: 'answered'; readonly response: Response } | CallFailure;

export type StreamListener<Response> = {
  message(response: Response): void;
  /** Once, unless left or cancelled before. `token-refused`: opening it again may help. */
  ended(failure: RawFailure): void;
};

export type SessionStream<Request> = {
  send(message: Request): void;
  /** Over and done with; the connection stays. */
  cancel(): void;
  /** It is late, or wrong: end it, and use another endpoint from now on. */
  leave(reason: string): void;
};

export type OpenOutcome<Request> = { readonly kind: 'open'; readonly stream: SessionStream<Request> } | CallFailure;

type Answer = { readonly header: ResponseHeader | undefined };
type Line = { readonly connection: Connection; readonly token: string | null };

/** How long the list of members may take; nobody waits for it. */
const DISCOVERY_LIMIT = millis(3000);
/** How old it may get: members come and go while one connection lasts. */
const DISCOVERY_EVERY = millis(60_000);

/** Calls and streams to whichever member of the store answers: endpoints, authentication and stale members end here. */
export class EtcdSession {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #connections: Connections;
  readonly #token: AuthToken;
  readonly #terms = new TermGuard();
  readonly #underway = new Set<Promise<unknown>>();
  readonly #useProxies: boolean;
  #discoverAt: Instant | null = null;
  #answeredBy: string | null = null;

  constructor(options: { readonly config: StoreConfig; readonly clock: Clock; readonly log: Log }) {
    const { config } = options;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#token = new AuthToken(loginOf(config));
    this.#useProxies = config.useProxies;
    this.#connections = new Connections({
      endpoints: config.endpoints.map((address) => ({ protocol: config.protocol, address })),
      find: config.srv === undefined ? null : findByService(config.srv),
      tls: config.tls,
      connected: () => {
        this.#discoverAt = null;
        this.#discoverIfDue();
      },
    });
  }

  /**
   * One request, sent once: repeated only where the store itself said that it did nothing, because the token was no longer
   * good. Ends within `limit`; when no answer came, later requests go to another endpoint.
   */
  call<Request, Response extends Answer>(
    method: Method<Request, Response>,
    request: Request,
    limit: Millis,
  ): Promise<CallOutcome<Response>> {
    const deadline = later(this.#clock.now(), limit);
    const attempt = (): Promise<CallOutcome<Response> | RawFailure> => this.#send(method, request, deadline);
    return this.#track(withNewToken(attempt));
  }

  /** Open a stream: nothing is known of it before its first message. Ends within `limit`. */
  openStream<Request, Response extends Answer>(
    method: Method<Request, Response>,
    listener: StreamListener<Response>,
    limit: Millis,
  ): Promise<OpenOutcome<Request>> {
    const deadline = later(this.#clock.now(), limit);
    return this.#track(withNewToken(() => this.#open(method, listener, deadline)));
  }

  switchEndpoint(reason: string): void {
    this.#connections.leaveCurrent(reason);
  }

  /** Ends everything under way. */
  async close(): Promise<void> {
    this.#connections.close();
    await Promise.allSettled(this.#underway);
  }

  async #send<Request, Response extends Answer>(
    method: Method<Request, Response>,
    request: Request,
    deadline: Instant,
  ): Promise<CallOutcome<Response> | RawFailure> {
    const line = await this.#line(deadline);
    if (line.kind !== 'line') return line;
    const limit = this.#left(deadline);
    if (limit <= 0) return { kind: 'no-answer', reason: 'no time left to send the request' };
    const outcome = await line.connection.unary(method, request, { limit, token: line.token });
    if (outcome.kind === 'failed') return this.#failed(line, failureOf(outcome.error));
    const stale = this.#terms.stale(outcome.response.header);
    if (stale !== null) return this.#failed(line, { kind: 'no-answer', reason: stale });
    this.#answered(line.connection);
    return outcome;
  }

  async #open<Request, Response extends Answer>(
    method: Method<Request, Response>,
    listener: StreamListener<Response>,
    deadline: Instant,
  ): Promise<OpenOutcome<Request> | RawFailure> {
    const line = await this.#line(deadline);
    if (line.kind !== 'line') return line;
    const stream: RpcStream<Request> = line.connection.stream(method, line.token, {
      message: (response: Response) => {
        const stale = this.#terms.stale(response.header);
        if (stale !== null) {
          stream.cancel();
          listener.ended(this.#failed(line, { kind: 'no-answer', reason: stale }));
          return;
        }
        this.#answered(line.connection);
        listener.message(response);
      },
      ended: (error) => listener.ended(this.#failed(line, failureOf(error))),
    });
    const leave = (reason: string): void => {
      stream.cancel();
      this.#failed(line, { kind: 'no-answer', reason });
    };
    return {
      kind: 'open',
      stream: { send: (message) => stream.send(message), cancel: () => stream.cancel(), leave },
    };
  }

  /** A connection that is open at this moment, with a token that goes with it. */
  async #line(deadline: Instant): Promise<({ readonly kind: 'line' } & Line) | RawFailure> {
    for (;;) {
      const outcome = await this.#connections.current(this.#left(deadline));
      if (outcome.kind === 'none') return { kind: 'no-answer', reason: outcome.reason };
      const { connection } = outcome;
      const token = await this.#token.get(connection, this.#left(deadline));
      if (token.kind !== 'token') return this.#failed({ connection, token: null }, token);
      // Nothing was sent yet: when somebody has left this connection meanwhile, the next one does as well.
      if (connection.isOpen()) return { kind: 'line', connection, token: token.token };
    }
  }

  /** What a failure means for the calls to come. */
  #failed(line: Line, failure: RawFailure): RawFailure {
    if (failure.kind === 'no-answer') this.#connections.leave(line.connection, failure.reason);
    if (failure.kind !== 'token-refused' || this.#token.forget(line.token)) return failure;
    return { kind: 'refused', reason: failure.reason };
  }

  #answered(connection: Connection): void {
    this.#discoverIfDue();
    const endpoint = endpointUrl(connection.endpoint);
    if (endpoint === this.#answeredBy) return;
    this.#log.write('info', 'store-endpoint', {
      endpoint,
      before: this.#answeredBy,
      because: this.#connections.leftBecause,
    });
    this.#answeredBy = endpoint;
  }

  /**
   * Also while a connection lasts: of a store whose members are replaced one after the other, nobody would else be known to
   * whoever stays with the last of the old ones.
   */
  #discoverIfDue(): void {
    const now = this.#clock.now();
    if (this.#useProxies || (this.#discoverAt !== null && now < this.#discoverAt)) return;
    this.#discoverAt = later(now, DISCOVERY_EVERY);
    void this.#discover();
  }

  async #discover(): Promise<void> {
    const outcome = await this.call(methods.memberList, {}, DISCOVERY_LIMIT);
    // Refused (a release that keeps the list for administrators) or unanswered: the endpoints known so far have to do.
    if (outcome.kind !== 'answered') return;
    const urls = outcome.response.members.flatMap((member) => member.clientURLs);
    this.#connections.discovered(urls.map(parseClientUrl).filter((endpoint) => endpoint !== null));
  }

  #left(deadline: Instant): Millis {
    return between(this.#clock.now(), deadline);
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#underway.add(work);
    return work.finally(() => this.#underway.delete(work));
  }
}

/** Once more with a new token, where the first was refused; a second refusal stands. */
async function withNewToken<Success extends { readonly kind: 'answered' | 'open' }>(
  attempt: () => Promise<Success | RawFailure>,
): Promise<Success | CallFailure> {
  const first = await attempt();
  const outcome = first.kind === 'token-refused' ? await attempt() : first;
  return outcome.kind === 'token-refused' ? { kind: 'refused', reason: outcome.reason } : outcome;
}

function loginOf(config: StoreConfig): Login | null {
  const { username, password } = config;
  return username === null || password === null ? null : { username, password };
}
