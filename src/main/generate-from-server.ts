import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { env } from 'node:process';
import { openSession, type Session } from '../adapters/postgres/connection/session.ts';
import { readEnvironment } from '../wire/config/environment.ts';
import { parseDsn } from '../wire/generate/dsn.ts';
import { documentFromServer, hbaLines, identLines, isAlwaysWanted } from '../wire/generate/from-server.ts';
import { askSecret } from './ask-secret.ts';
import { ownAddress, writeOut } from './generate-command.ts';

const CONNECT_LIMIT_MS = 10_000;

/**
 * `--generate-config [--dsn DSN] [FILE]`: the configuration of the PostgreSQL that runs here.
 * @returns the exit status
 * @see spec/config.md 12.2
 */
export async function runGenerate(file: string | null, dsn: string): Promise<number> {
  const said = parseDsn(dsn);
  if (said === null)
    return complain('Failed to parse DSN string: give keyword=value pairs, or postgres://user@host/db');
  const connection = await withDefaults(said, {
    environment: env,
    askPassword: process.stdin.isTTY ? () => askSecret('Please enter the user password: ') : null,
  });
  if (connection === null) return complain('Aborted!');
  const opened = await open(connection);
  if (opened.kind !== 'open') return complain(`Failed to establish PostgreSQL connection: ${opened.reason}`);
  try {
    return await generate(file, opened.session, connection);
  } catch (error) {
    return complain(error instanceof Unusable ? error.message : `Unexpected exception: ${String(error)}`);
  } finally {
    await opened.session.close();
  }
}

/** Why no configuration can be made of what was found. */
class Unusable extends Error {}

async function generate(
  file: string | null,
  session: Session,
  connection: ReadonlyMap<string, string>,
): Promise<number> {
  const [user] = await session.rows('SELECT rolsuper::text FROM pg_catalog.pg_roles WHERE rolname = current_user');
  if (user?.['rolsuper'] !== 'true') throw new Unusable('The provided user does not have superuser privilege');
  const settings = await readSettings(session);
  const dataDir = settings.get('data_directory') ?? '';
  const version = Number((await session.rows('SHOW server_version_num'))[0]?.['server_version_num']);
  const server = Math.floor(version / 10_000);
  const textOf = (setting: string, name: string): string | null =>
    settings.get(setting) === join(dataDir, name) ? readOwn(join(dataDir, name), name) : null;
  const hba = textOf('hba_file', 'pg_hba.conf');
  const ident = textOf('ident_file', 'pg_ident.conf');
  const { document: environment } = readEnvironment(env);
  return writeOut(
    file,
    documentFromServer({
      hostName: hostname(),
      address: await ownAddress(),
      server,
      environment,
      settings,
      connection,
      port: connection.get('port') ?? null,
      hba: hba === null ? null : hbaLines(hba, server),
      ident: ident === null ? null : identLines(ident),
      binDir: programFolder(dataDir),
    }),
  );
}

async function readSettings(session: Session): Promise<ReadonlyMap<string, string>> {
  const rows = await session.rows(
    "SELECT name, pg_catalog.current_setting(name) AS value, context <> 'internal' " +
      "AND source IN ('configuration file', 'command line', 'environment variable') " +
      "AND category <> 'Write-Ahead Log / Recovery Target' AND setting <> '(disabled)' AS is_set FROM pg_catalog.pg_settings",
  );
  const wanted = rows.filter(
    (row) => row['is_set'] === 't' || row['is_set'] === 'true' || isAlwaysWanted(String(row['name'])),
  );
  return new Map(wanted.map((row) => [String(row['name']), String(row['value'])]));
}

function readOwn(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Unusable(`Failed to read ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The folder of the program that the postmaster runs. */
function programFolder(dataDir: string): string {
  const pid = postmasterPid(dataDir);
  try {
    return dirname(readlinkSync(`/proc/${pid}/exe`));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new Unusable("Obtained postmaster pid doesn't exist.");
    throw error;
  }
}

function postmasterPid(dataDir: string): string {
  let text: string;
  try {
    text = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8');
  } catch (error) {
    throw new Unusable(
      `Error while reading postmaster.pid file: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const [pid = ''] = text.split('\n');
  if (!/^\d+$/.test(pid.trim())) throw new Unusable('Failed to obtain postmaster pid from postmaster.pid file');
  return pid.trim();
}

/**
 * Where libpq would look, too: its variables, then the user of the operating system.
 * @returns `null`: asked for the password, somebody left.
 */
export async function withDefaults(
  said: ReadonlyMap<string, string>,
  {
    environment,
    askPassword,
  }: {
    readonly environment: Readonly<Record<string, string | undefined>>;
    /** `null`: nobody is there to be asked. */
    readonly askPassword: (() => Promise<string | null>) | null;
  },
): Promise<ReadonlyMap<string, string> | null> {
  const connection = new Map<string, string>();
  for (const [keyword, variable] of VARIABLES) {
    const value = said.get(keyword) ?? environment[variable];
    if (value !== undefined && value !== '') connection.set(keyword, value);
  }
  if (!connection.has('user')) connection.set('user', userInfo().username);
  if (connection.has('password') || askPassword === null) return connection;
  const password = await askPassword();
  return password === null ? null : connection.set('password', password);
}

const VARIABLES = [
  ['host', 'PGHOST'],
  ['port', 'PGPORT'],
  ['dbname', 'PGDATABASE'],
  ['user', 'PGUSER'],
  ['password', 'PGPASSWORD'],
  ['sslmode', 'PGSSLMODE'],
  ['sslcert', 'PGSSLCERT'],
  ['sslkey', 'PGSSLKEY'],
  ['sslpassword', 'PGSSLPASSWORD'],
  ['sslrootcert', 'PGSSLROOTCERT'],
  ['sslcrl', 'PGSSLCRL'],
  ['sslcrldir', 'PGSSLCRLDIR'],
  ['gssencmode', 'PGGSSENCMODE'],
  ['channel_binding', 'PGCHANNELBINDING'],
  ['sslnegotiation', 'PGSSLNEGOTIATION'],
] as const;

function open(connection: ReadonlyMap<string, string>): ReturnType<typeof openSession> {
  const host = connection.get('host') ?? '/var/run/postgresql';
  const { user = '', password = null, ...keywords } = Object.fromEntries<string | undefined>(connection);
  const said = Object.entries(keywords).flatMap(([key, value]) =>
    value !== undefined && /^ssl|^gss|^channel/.test(key) ? [[key, value] as const] : [],
  );
  return openSession({
    target: {
      host,
      port: Number(connection.get('port') ?? '5432'),
      database: connection.get('dbname') ?? 'postgres',
      credentials: { username: user, password, connection: Object.fromEntries(said) },
    },
    applicationName: 'Matriarch configuration',
    connectLimitMs: CONNECT_LIMIT_MS,
    settings: {},
    near: false,
  });
}

function complain(message: string): number {
  process.stderr.write(`${message}\n`);
  return 1;
}
