import { userInfo } from 'node:os';
import { Client } from 'pg';
import type { Json } from '../../domain/json.ts';
import type { SqlAnswer, SqlConnected, SqlFailure, SqlTarget } from '../../ports/sql.ts';
import { sqlState } from './connection/session.ts';
import { type TlsAttempt, tlsAttempts } from './connection/tls.ts';
import { errorCode, reasonOf } from './errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** How long a server may take to let us in (spec/ctl.md 10). */
const CONNECT_LIMIT_MS = 5_000;

/**
 * Connect as psql would: what `target` leaves open comes from libpq's variables, its password file and the system's user.
 * @returns `failed` for whoever is not let in, and where nobody answers.
 */
export async function connectOperator(target: SqlTarget, environment: Environment): Promise<SqlConnected> {
  let outcome: SqlConnected = { kind: 'failed', sqlState: null, message: 'not tried' };
  const ways = waysBy(environment);
  if (!Array.isArray(ways)) return ways;
  for (const ssl of ways) {
    outcome = await attempt(target, environment, ssl);
    // A next attempt differs in encryption alone, which helps only a server that refused this one for it.
    const isForEncryption =
      outcome.kind === 'failed' && (outcome.sqlState !== null || /does not support SSL/.test(outcome.message));
    if (!isForEncryption) return outcome;
  }
  return outcome;
}

/** Failed: a file of keys or certificates that is not there, or is closed to us. */
function waysBy(environment: Environment): TlsAttempt[] | SqlFailure {
  try {
    return [...tlsAttempts(sslKeywords(environment), 'far')];
  } catch (error) {
    if (errorCode(error) === null) throw error;
    return { kind: 'failed', sqlState: null, message: reasonOf(error) };
  }
}

async function attempt(target: SqlTarget, environment: Environment, ssl: TlsAttempt): Promise<SqlConnected> {
  const user = target.user ?? given(environment['PGUSER']) ?? userInfo().username;
  const password = target.password ?? given(environment['PGPASSWORD']);
  const client = new Client({
    host: target.host,
    port: target.port,
    user,
    database: target.database ?? given(environment['PGDATABASE']) ?? user,
    // Without one the library looks into the password file.
    ...(password === null ? {} : { password }),
    ssl,
    sslnegotiation: ssl !== false && environment['PGSSLNEGOTIATION'] === 'direct' ? 'direct' : 'postgres',
    application_name: given(environment['PGAPPNAME']) ?? 'Patroni ctl',
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    types: { getTypeParser: (oid: number) => (text: string | Buffer) => valueOf(oid, text.toString()) },
  });
  // A connection that breaks while nobody asks is met by the next question.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    client.connection.stream.destroy();
    const failed = failure(error);
    return /client password must be/.test(failed.message) ? { ...failed, message: wantsPassword(user) } : failed;
  }
  return { kind: 'open', session: { query: (text) => ask(client, text), close: () => client.end() } };
}

/** The library's own words for it are about the protocol. */
function wantsPassword(user: string): string {
  return `a password is wanted of ${user}, and none was given: --password asks for it, PGPASSWORD or ~/.pgpass tells it`;
}

async function ask(client: Client, text: string): Promise<SqlAnswer> {
  try {
    // Its types know one answer only, but several statements have a list of them.
    const last = [await client.query<Json[]>({ text, rowMode: 'array' })].flat().at(-1);
    if (last === undefined || last.fields.length === 0) return { kind: 'no-rows' };
    return { kind: 'rows', columns: last.fields.map(({ name }) => name), rows: last.rows };
  } catch (error) {
    return failure(error);
  }
}

function failure(error: unknown): SqlFailure {
  if (!(error instanceof Error)) throw error;
  return { kind: 'failed', sqlState: sqlState(error), message: reasonOf(error) };
}

/** Numbers and switches are values; everything else is shown as the server writes it. */
function valueOf(oid: number, text: string): Json {
  if (oid === BOOLEAN) return text === 't';
  if (INTEGERS.has(oid)) return BigInt(text);
  return text;
}

const BOOLEAN = 16;
/** int8, int2, int4, oid. */
const INTEGERS: ReadonlySet<number> = new Set([20, 21, 23, 26]);

/** libpq's keywords of encryption, by the variables that set them. */
function sslKeywords(environment: Environment): Readonly<Record<string, string>> {
  const named = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const;
  return Object.fromEntries(
    named.flatMap((name) => {
      const value = given(environment[`PG${name.toUpperCase()}`]);
      return value === null ? [] : [[name, value]];
    }),
  );
}

function given(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}
