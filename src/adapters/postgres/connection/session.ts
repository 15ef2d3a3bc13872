import { Client, type QueryResultRow } from 'pg';
import { errorCode, reasonOf } from '../errors.ts';
import { within } from '../wait.ts';
import type { ConnectionTarget } from './conninfo.ts';
import { tlsAttempts } from './tls.ts';

export type SessionOptions = {
  readonly target: ConnectionTarget;
  readonly applicationName: string;
  readonly connectLimitMs: number;
  /** Server settings for the session, as `-c name=value`. */
  readonly settings: Readonly<Record<string, string>>;
  /** A walsender that takes replication commands instead of SQL. */
  readonly replication?: boolean;
  /** This machine's own server. */
  readonly near: boolean;
};

export type SessionOutcome =
  | { readonly kind: 'open'; readonly session: Session }
  /** The server answered, and takes no connections now: starting up, shutting down, in recovery (57P03). */
  | { readonly kind: 'rejecting'; readonly reason: string }
  /** Nobody listens there. */
  | { readonly kind: 'no-listener'; readonly reason: string }
  /** It answered, and will not have us: password, pg_hba.conf, no such database, too many clients. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'no-answer'; readonly reason: string };

/** SQLSTATE `cannot_connect_now`. */
const CANNOT_CONNECT_NOW = '57P03';
const POLITE_END_MS = 200;
/** How long a connection is silent before the kernel asks whether the other host is still there. */
const KEEP_ALIVE_DELAY_MS = 10_000;
/**
 * What operators set for all sessions, and ours cannot live with: a standby refuses every query of a serializable
 * transaction, and a role is made by none that only reads.
 */
const OUR_TRANSACTIONS: Readonly<Record<string, string>> = {
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
};

/** Open one connection to a server, within its limit. */
export async function openSession(options: SessionOptions): Promise<SessionOutcome> {
  let outcome: SessionOutcome = { kind: 'no-answer', reason: 'not tried' };
  const ways = waysFor(options);
  if (typeof ways === 'string') return { kind: 'no-answer', reason: ways };
  for (const ssl of ways) {
    const before = outcome;
    outcome = await attempt(options, ssl);
    // Without TLS there, what it said in the clear is why.
    if (before.kind === 'refused' && outcome.kind === 'refused' && isWithoutTls(outcome.reason)) return before;
    // A next attempt differs in encryption alone, which helps only a server that refused this one for it.
    if (outcome.kind !== 'refused') return outcome;
  }
  return outcome;
}

/** @returns why there is none: a file of keys or certificates that is not there, or is closed to us. */
function waysFor({ target, near }: SessionOptions): readonly SslOption[] | string {
  try {
    return tlsAttempts(target.credentials.connection, target.host.startsWith('/') ? 'socket' : near ? 'near' : 'far');
  } catch (error) {
    if (errorCode(error) === null) throw error;
    return reasonOf(error);
  }
}

/** An open connection. One query at a time; `close` ends it however it stands. */
export class Session {
  readonly #client: Client;
  #broken: string | null = null;
  #closing = false;
  #listener: ((reason: string) => void) | null = null;

  constructor(client: Client) {
    this.#client = client;
    client.on('error', (error) => this.#breaks(reasonOf(error)));
    client.on('end', () => this.#breaks('the server closed the connection'));
  }

  /** Why it can no longer be used; `null` while it can. */
  get broken(): string | null {
    return this.#broken;
  }

  /** Called once when the connection breaks without our doing. */
  onBroken(listener: (reason: string) => void): void {
    this.#listener = listener;
  }

  /**
   * All columns as text, NULL as null.
   * @throws What the server or the connection says; `sqlState` names it.
   */
  async rows(text: string, values: readonly (string | number)[] = []): Promise<readonly QueryResultRow[]> {
    // Replication commands know the simple protocol only, which is what a query without values uses.
    const result = await (values.length === 0
      ? this.#client.query<QueryResultRow>(text)
      : this.#client.query<QueryResultRow>(text, [...values]));
    return result.rows;
  }

  /**
   * A replication command that opens a stream in both directions: send one message on it and end it. What the server sends
   * meanwhile is thrown away. @returns whether the server ended it, too, in time.
   */
  async streamOnce(
    command: string,
    { message, limitMs }: { readonly message: Buffer; readonly limitMs: number },
  ): Promise<boolean> {
    const { connection } = this.#client;
    connection.once('replicationStart', () => {
      connection.stream.write(Buffer.concat([frame('d', message), frame('c', Buffer.alloc(0))]));
    });
    return (await within(this.#client.query(command), limitMs)) !== null;
  }

  async close(): Promise<void> {
    this.#closing = true;
    await within(
      this.#client.end().catch(() => undefined),
      POLITE_END_MS,
    );
    this.#client.connection.stream.destroy();
  }

  #breaks(reason: string): void {
    if (this.#broken !== null) return;
    this.#broken = reason;
    if (!this.#closing) this.#listener?.(reason);
  }
}

/** A message of the protocol: its letter, its length, what it says. */
function frame(letter: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(letter), length, body]);
}

/** The SQLSTATE of what a query threw, if the server sent one. Each has a digit, which EPIPE and EPERM have not. */
export function sqlState(error: unknown): string | null {
  const code = errorCode(error);
  return code !== null && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : null;
}

async function attempt(options: SessionOptions, ssl: SslOption): Promise<SessionOutcome> {
  const { target } = options;
  const config = {
    host: target.host,
    port: target.port,
    user: target.credentials.username,
    database: target.database,
    password: target.credentials.password ?? '',
    ssl,
    // Said in any case: else our driver goes by a variable of the environment, also in the clear.
    sslnegotiation:
      ssl !== false && target.credentials.connection['sslnegotiation'] === 'direct'
        ? ('direct' as const)
        : ('postgres' as const),
    application_name: options.applicationName,
    connectionTimeoutMillis: Math.max(1, Math.ceil(options.connectLimitMs)),
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    options: Object.entries({ ...OUR_TRANSACTIONS, ...options.settings })
      .map(([name, value]) => `-c ${name}=${value.replace(/[\\ ]/g, '\\$&')}`)
      .join(' '),
    types: { getTypeParser: () => (value: string | Buffer) => value.toString() },
    ...(options.replication === true ? { replication: 'true' } : {}),
  };
  const client = new Client(config);
  const session = new Session(client);
  try {
    await client.connect();
    return { kind: 'open', session };
  } catch (error) {
    await session.close();
    return classify(error);
  }
}

type SslOption = ReturnType<typeof tlsAttempts>[number];

/** As our driver says it. */
function isWithoutTls(reason: string): boolean {
  return reason.includes('does not support SSL');
}

function classify(error: unknown): SessionOutcome {
  const reason = reasonOf(error);
  const state = sqlState(error);
  if (state === CANNOT_CONNECT_NOW) return { kind: 'rejecting', reason };
  if (state !== null) return { kind: 'refused', reason: `${reason} (${state})` };
  const codes = error instanceof AggregateError ? error.errors.map(errorCode) : [errorCode(error)];
  if (codes.some((code) => code === 'ECONNREFUSED' || code === 'ENOENT')) return { kind: 'no-listener', reason };
  if (isWithoutTls(reason)) return { kind: 'refused', reason };
  return { kind: 'no-answer', reason };
}
