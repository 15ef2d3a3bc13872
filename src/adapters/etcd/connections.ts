import type { TlsClientConfig } from '../../domain/agent-config.ts';
import { type Millis, millis } from '../../domain/time.ts';
import { Connection } from './connection.ts';
import { dial } from './dial.ts';
import type { EtcdEndpoint } from './endpoint.ts';
import { afterDiscovery, afterFailure, afterSearch, afterSuccess } from './endpoint-order.ts';
import { KnownNames } from './known-names.ts';
import { within } from './within.ts';

/** How long one endpoint is dialed alone before the next is tried beside it. */
const HEAD_START = millis(250);
/** How long one endpoint may take to connect. Requests give up earlier; what is dialed then serves the next one. */
const DIAL_LIMIT = millis(3000);

export type ConnectionOutcome =
  | { readonly kind: 'connection'; readonly connection: Connection }
  | { readonly kind: 'none'; readonly reason: string };

/**
 * The one connection in use. It stays with an endpoint as long as that answers; all requests and streams share it, so that
 * a late answer to one of them moves them all.
 */
export class Connections {
  readonly #configured: readonly EtcdEndpoint[];
  readonly #find: (() => Promise<readonly EtcdEndpoint[]>) | null;
  readonly #tls: TlsClientConfig;
  readonly #connected: () => void;
  readonly #names = new KnownNames();
  #order: readonly EtcdEndpoint[];
  #current: Connection | null = null;
  #dialing: Promise<ConnectionOutcome> | null = null;
  #closed = false;
  #leftBecause: string | null = null;

  /**
   * @param options.find where else there are endpoints now; rejected, in words, where that is not known.
   * @param options.connected called after each change of the connection in use.
   */
  constructor(options: {
    readonly endpoints: readonly EtcdEndpoint[];
    readonly find: (() => Promise<readonly EtcdEndpoint[]>) | null;
    readonly tls: TlsClientConfig;
    readonly connected: () => void;
  }) {
    this.#configured = options.endpoints;
    this.#order = options.endpoints;
    this.#find = options.find;
    this.#tls = options.tls;
    this.#connected = options.connected;
  }

  /** The connection in use, or a new one. Ends within `limit`. */
  async current(limit: Millis): Promise<ConnectionOutcome> {
    if (this.#closed) return CLOSED;
    const connection = this.#current;
    if (connection?.isUp() === true) return { kind: 'connection', connection };
    if (connection !== null) this.leave(connection, 'the connection broke');
    this.#dialing ??= this.#dial();
    return within(this.#dialing, limit, () => ({ kind: 'none', reason: 'no connection in time' }));
  }

  /** Use another endpoint from now on, if this connection is the one in use. */
  leave(connection: Connection, reason: string): void {
    if (connection !== this.#current) return;
    this.#current = null;
    this.#leftBecause = reason;
    this.#order = afterFailure(this.#order, connection.endpoint);
    connection.close(reason);
  }

  /** Why the connection before the one in use was left; `null`: there was none. */
  get leftBecause(): string | null {
    return this.#leftBecause;
  }

  leaveCurrent(reason: string): void {
    if (this.#current !== null) this.leave(this.#current, reason);
  }

  /** The store's own list of members. */
  discovered(endpoints: readonly EtcdEndpoint[]): void {
    this.#order = afterDiscovery({ order: this.#order, configured: this.#configured, discovered: endpoints });
  }

  close(): void {
    this.#closed = true;
    this.#current?.abort('the client was closed');
    this.#current = null;
  }

  /** @returns why nothing was found. */
  async #search(): Promise<string | null> {
    try {
      const found = this.#find === null ? [] : await this.#find();
      this.#order = afterSearch(this.#order, found);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #dial(): Promise<ConnectionOutcome> {
    const trouble = await this.#search();
    const order = this.#order;
    if (order.length === 0 && trouble !== null) {
      this.#dialing = null;
      return { kind: 'none', reason: trouble };
    }
    const dialed = await dial({
      endpoints: order,
      open: (endpoint) => new Connection({ endpoint, tls: this.#tls, names: this.#names }),
      headStart: HEAD_START,
      limit: DIAL_LIMIT,
    });
    this.#dialing = null;
    if (dialed.kind === 'none') return dialed;
    if (this.#closed) {
      dialed.line.close('the client was closed');
      return CLOSED;
    }
    this.#order = afterSuccess(order, dialed.tried);
    this.#current = dialed.line;
    this.#connected();
    return { kind: 'connection', connection: dialed.line };
  }
}

const CLOSED: ConnectionOutcome = { kind: 'none', reason: 'the client was closed' };
