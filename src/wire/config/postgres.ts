import type { LocalPostgresConfig } from '../../domain/agent-config.ts';
import type { JsonObject } from '../../domain/json.ts';
import { isJsonObject } from '../../domain/json.ts';
import { isTruthy } from '../../domain/tags.ts';
import { textForm } from '../../domain/text-form.ts';
import { isFormerLayout, readUsers } from './credentials.ts';
import type { Environment } from './environment.ts';
import type { HostPort } from './host-port.ts';
import { joinHostPort, splitHostPort } from './host-port.ts';
import type { Section } from './section.ts';
import { flag, problem, requiredText, subsection, text } from './section.ts';

/** The local PostgreSQL: addresses, paths and users of this node (spec/config.md 9.9). */
export function readPostgres(root: Section, environment: Environment): LocalPostgresConfig {
  const section = subsection(root, 'postgresql');
  const listen = readListen(section);
  const dataDir = directory(requiredText(section, 'data_dir', "give the path of PostgreSQL's data directory"));
  checkParameters(section);
  return {
    listenAddresses: listen.host,
    port: listen.port,
    connectAddress: readAddress(section, 'connect_address') ?? joinHostPort(localAddress(listen)),
    proxyAddress: readAddress(section, 'proxy_address'),
    dataDir,
    configDir: directory(text(section, 'config_dir') ?? dataDir),
    binDir: text(section, 'bin_dir') ?? '',
    binNames: binNames(subsection(section, 'bin_name')),
    database: text(section, 'database') ?? 'postgres',
    pgpassFile: text(section, 'pgpass') ?? defaultPgpass(environment, dataDir),
    useUnixSocket: flag(section, 'use_unix_socket'),
    useUnixSocketForReplication: flag(section, 'use_unix_socket_repl'),
    ...readUsers(section, environment['PGUSER'] ?? environment['USER'] ?? environment['LOGNAME'] ?? 'postgres'),
    section: mergeable(section),
  };
}

/** Without the slash that may follow it: what lies beside it is named after it. */
function directory(path: string): string {
  return path.replace(/(?<=.)\/+$/, '');
}

const DEFAULT_PORT = 5432;

function readListen(section: Section): HostPort {
  const value = requiredText(section, 'listen', 'give the addresses and the port of PostgreSQL, for example *:5432');
  const listen = value === '' ? null : splitHostPort(value, DEFAULT_PORT);
  if (listen === null && value !== '') {
    problem(section, 'listen', `"${value}" is not address[,address…]:port, for example *:5432 or [::1]:5432`);
  }
  return listen ?? { host: '', port: DEFAULT_PORT };
}

function readAddress(section: Section, key: string): string | null {
  const value = text(section, key);
  if (value === null) return null;
  const address = splitHostPort(value, DEFAULT_PORT);
  if (address === null || address.host === '') problem(section, key, `"${value}" is not host:port`);
  return address === null ? value : joinHostPort(address);
}

/** Where the server is reached from its own host (spec/postgres.md 3.4). */
function localAddress(listen: HostPort): HostPort {
  const addresses = listen.host.split(',');
  const first = addresses.find((each) => each === '*' || each === 'localhost') ?? addresses[0] ?? '';
  return { host: EVERYWHERE.has(first) ? 'localhost' : first, port: listen.port };
}

const EVERYWHERE: ReadonlySet<string> = new Set(['', '*', '0.0.0.0', '127.0.0.1']);

function checkParameters(section: Section): void {
  const parameters = section.values['parameters'];
  if (isTruthy(parameters) && !isJsonObject(parameters)) problem(section, 'parameters', 'must be a map of name: value');
}

function binNames(section: Section): Readonly<Record<string, string>> {
  const names = Object.entries(section.values).filter(([, name]) => isTruthy(name));
  return Object.fromEntries(names.map(([tool, name]) => [tool, textForm(name)]));
}

/** `~/pgpass` without a dot, as ever; beside the data directory when the process has no home. */
function defaultPgpass(environment: Environment, dataDir: string): string {
  const home = environment['HOME'];
  return home === undefined || home === '' ? `${dataDir}.pgpass` : `${home.replace(/\/+$/, '')}/pgpass`;
}

/** What the rules merge with the dynamic section: no credentials, so that no trace of a decision shows them. */
function mergeable(section: Section): JsonObject {
  const settings = Object.fromEntries(Object.entries(section.values).filter(([key]) => !CREDENTIALS.has(key)));
  // The old layout had no switch: whoever gave rewind credentials wanted rewinding.
  return isFormerLayout(section) ? { ...settings, use_pg_rewind: section.values['pg_rewind'] !== undefined } : settings;
}

const CREDENTIALS: ReadonlySet<string> = new Set(['authentication', 'replication', 'superuser', 'pg_rewind', 'name']);
