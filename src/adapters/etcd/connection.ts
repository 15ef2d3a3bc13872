import {
  Client,
  type ClientDuplexStream,
  type ClientUnaryCall,
  connectivityState,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import type { TlsClientConfig } from '../../domain/agent-config.ts';
import { type Millis, millis } from '../../domain/time.ts';
import { channelCredentials } from './channel-credentials.ts';
import { type EtcdEndpoint, hostOf } from './endpoint.ts';
import { failureOf, type RpcError } from './failure.ts';
import { HeldSockets } from './held-sockets.ts';
import type { KnownNames } from './known-names.ts';
import { foundBy } from './name-resolver.ts';
import { type Method, methods } from './rpc-methods.ts';

export type RpcOutcome<Response> =
  | { readonly kind: 'answered'; readonly response: Response }
  | { readonly kind: 'failed'; readonly error: RpcError };

export type RpcStream<Request> = {
  send(message: Request): void;
  /** Ends the stream; its listener hears nothing any more. */
  cancel(): void;
};

export type RpcStreamListener<Response> = {
  message(message: Response): void;
  /** Once, unless cancelled before. */
  ended(error: RpcError): void;
};

/**
 * One channel to one endpoint, opened once and never reopened: gRPC's own way of reconnecting, with its growing pauses, is
 * left out by closing a connection that broke and dialing a new one. The only file that knows gRPC's client.
 */
export class Connection {
  readonly endpoint: EtcdEndpoint;
  readonly #client: Client;
  readonly #sockets: HeldSockets;
  readonly #names: KnownNames;
  readonly #calls = new Set<ClientUnaryCall>();
  readonly #streams = new Set<(error: RpcError) => void>();
  #closed: RpcError | null = null;

  constructor(options: {
    readonly endpoint: EtcdEndpoint;
    readonly tls: TlsClientConfig;
    readonly names: KnownNames;
  }) {
    this.endpoint = options.endpoint;
    this.#names = options.names;
    const secured = channelCredentials(options.endpoint, options.tls);
    const found = foundBy(options.names, options.endpoint.address);
    this.#sockets = new HeldSockets(secured.credentials);
    this.#client = new Client(found.target, this.#sockets, {
      ...CHANNEL_OPTIONS,
      ...secured.options,
      ...found.options,
    });
  }

  /** Is it up at this moment, as far as the socket tells? */
  isUp(): boolean {
    return this.#state() === connectivityState.READY;
  }

  /** Not closed by us. */
  isOpen(): boolean {
    return this.#closed === null;
  }

  /** Connect. Ends with `null` when the connection is up, else with the reason why it is not. */
  async up(limit: Millis): Promise<string | null> {
    const end = performance.now() + limit;
    for (;;) {
      const state = this.#state();
      switch (state) {
        case connectivityState.READY:
          return null;
        case connectivityState.TRANSIENT_FAILURE:
          return this.#whyDown();
        case connectivityState.SHUTDOWN:
          return 'closed';
        case connectivityState.IDLE:
        case connectivityState.CONNECTING:
          if (!(await this.#stateChange(state, end - performance.now()))) return this.#whyLate();
      }
    }
  }

  /** One request, sent once. Ends within `limit`. */
  unary<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options: { readonly limit: Millis; readonly token: string | null },
  ): Promise<RpcOutcome<Response>> {
    if (this.#closed !== null) return Promise.resolve({ kind: 'failed', error: this.#closed });
    return new Promise((resolve) => {
      const call = this.#client.makeUnaryRequest(
        method.path,
        method.serialize,
        method.deserialize,
        request,
        metadata(options.token),
        { deadline: Date.now() + options.limit },
        (error: ServiceError | null, response?: Response) => {
          this.#calls.delete(call);
          this.#release();
          if (error !== null) resolve({ kind: 'failed', error });
          else if (response === undefined) resolve({ kind: 'failed', error: NO_MESSAGE });
          else resolve({ kind: 'answered', response });
        },
      );
      this.#calls.add(call);
    });
  }

  stream<Request, Response>(
    method: Method<Request, Response>,
    token: string | null,
    listener: RpcStreamListener<Response>,
  ): RpcStream<Request> {
    const closed = this.#closed;
    if (closed !== null) {
      queueMicrotask(() => listener.ended(closed));
      return { send: () => {}, cancel: () => {} };
    }
    const call: ClientDuplexStream<Request, Response> = this.#client.makeBidiStreamRequest(
      method.path,
      method.serialize,
      method.deserialize,
      metadata(token),
    );
    let open = true;
    const finish = (): boolean => {
      const wasOpen = open;
      open = false;
      this.#streams.delete(end);
      call.cancel();
      return wasOpen;
    };
    const end = (error: RpcError): void => {
      if (finish()) listener.ended(error);
    };
    this.#streams.add(end);
    call.on('data', (message: Response) => {
      if (open) listener.message(message);
    });
    call.on('error', (error: ServiceError) => end(error));
    call.on('end', () => end({ code: status.UNAVAILABLE, details: 'the store ended the stream' }));
    return { send: (message) => call.write(message), cancel: () => void finish() };
  }

  /**
   * Ends all streams at once and gives the connection back. Requests under way keep their time: a late answer is better
   * than none.
   */
  close(reason: string): void {
    const error = { code: status.CANCELLED, details: reason };
    this.#closed ??= error;
    for (const end of [...this.#streams]) end(error);
    this.#client.close();
    this.#release();
  }

  /** Ends requests under way, too. */
  abort(reason: string): void {
    for (const call of [...this.#calls]) call.cancel();
    this.close(reason);
  }

  /** Once nobody waits for anything from it. */
  #release(): void {
    if (this.#closed !== null && this.#calls.size === 0) this.#sockets.release();
  }

  /** A channel that is closed would begin to connect anew when it is asked like this, and never end. */
  #state(): connectivityState {
    if (this.#closed !== null) return connectivityState.SHUTDOWN;
    return this.#client.getChannel().getConnectivityState(true);
  }

  /** @returns false when nothing changed within `limit`, in milliseconds. */
  #stateChange(from: connectivityState, limit: number): Promise<boolean> {
    return new Promise((resolve) => {
      const changed = (error?: Error): void => resolve(error === undefined);
      this.#client.getChannel().watchConnectivityState(from, Date.now() + limit, changed);
    });
  }

  #whyLate(): string {
    const host = hostOf(this.endpoint);
    return this.#names.isAwaited(host) ? `the name ${host} was not resolved in time` : 'no connection in time';
  }

  /** A channel tells why it is down only to a request, and fails that without sending anything. */
  async #whyDown(): Promise<string> {
    const outcome = await this.unary(methods.memberList, {}, { limit: WHY_DOWN_LIMIT, token: null });
    return outcome.kind === 'failed' ? failureOf(outcome.error).reason : 'it went down and came back';
  }
}

function metadata(token: string | null): Metadata {
  const headers = new Metadata();
  // A member without a leader then says so at once, and ends streams that would stay silent for ever.
  headers.set('hasleader', 'true');
  if (token !== null) headers.set('token', token);
  return headers;
}

const WHY_DOWN_LIMIT = millis(200);
const NO_MESSAGE: RpcError = { code: status.UNAVAILABLE, details: 'an answer without a message' };

const CHANNEL_OPTIONS = {
  // A subchannel shared between clients would bring its pauses and its broken sockets along.
  'grpc.use_local_subchannel_pool': 1,
  // A request is sent once: repeating it is the machine's decision.
  'grpc.enable_retries': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.enable_http_proxy': 0,
  'grpc.enable_channelz': 0,
  // Never waited for: a connection that went down is replaced. It must only outlast the question why it did.
  'grpc.initial_reconnect_backoff_ms': 5000,
  'grpc.max_reconnect_backoff_ms': 5000,
  // The largest cluster's keys are some hundred kilobytes.
  'grpc.max_receive_message_length': 32 * 1024 * 1024,
} as const;
