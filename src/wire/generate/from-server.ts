import { patchConfig } from '../../domain/config-patch.ts';
import { isControlled } from '../../domain/controlled-parameters.ts';
import { isJsonObject, type JsonObject } from '../../domain/json.ts';
import { type SampleFacts, sampleDocument, TO_FIX } from './sample.ts';

export type ServerFacts = SampleFacts & {
  /** What `pg_settings` says, by name. */
  readonly settings: ReadonlyMap<string, string>;
  /** How the superuser connected, by libpq keyword. */
  readonly connection: ReadonlyMap<string, string>;
  /** The port under which it was reached, where that was said. */
  readonly port: string | null;
  /** Lines of the files in the data directory; `null`: the server reads another file. */
  readonly hba: readonly string[] | null;
  readonly ident: readonly string[] | null;
  /** The folder of the postmaster's program. */
  readonly binDir: string;
};

/**
 * The configuration under which the server that runs now would run the same.
 * @see spec/config.md 12.2
 */
export function documentFromServer(facts: ServerFacts): JsonObject {
  const { settings, connection, server } = facts;
  const setting = (name: string): string => settings.get(name) ?? '';
  const port = facts.port ?? setting('port');
  const local = [...settings].filter(([name, value]) => LOCAL.has(name) && value !== '' && !isDefaultFile(facts, name));
  const shared = [...settings].filter(([name, value]) => isShared(name, value));
  const template = sampleDocument({ ...facts, environment: {} });
  const document: JsonObject = {
    ...template,
    scope: setting('cluster_name') === '' ? TO_FIX : setting('cluster_name'),
    bootstrap: {
      dcs: {
        ...inner(template, ['bootstrap', 'dcs']),
        postgresql: {
          use_slots: true,
          parameters: Object.fromEntries(shared),
        },
      },
    },
    postgresql: {
      ...inner(template, ['postgresql']),
      data_dir: setting('data_directory'),
      listen: `${setting('listen_addresses')}:${setting('port')}`,
      connect_address: facts.address === null ? TO_FIX : `${facts.address}:${port}`,
      bin_dir: facts.binDir,
      authentication: {
        superuser: superuser(connection, server),
        replication: { username: TO_FIX, password: TO_FIX },
      },
      parameters: local.length === 0 ? null : Object.fromEntries(local),
      pg_hba: facts.hba,
      ...(facts.ident !== null && facts.ident.length > 0 && { pg_ident: facts.ident }),
    },
  };
  return patchConfig(withoutNulls(document), facts.environment).document;
}

/** Each member's own: commands and files that may differ from machine to machine. */
const LOCAL: ReadonlySet<string> = new Set([
  'archive_command',
  'restore_command',
  'archive_cleanup_command',
  'recovery_end_command',
  'ssl_passphrase_command',
  'hba_file',
  'ident_file',
  'config_file',
]);

const ELSEWHERE: ReadonlySet<string> = new Set(['data_directory', 'listen_addresses', 'port']);

function isShared(name: string, value: string): boolean {
  if (LOCAL.has(name) || ELSEWHERE.has(name)) return false;
  return name !== 'cluster_name' || value === '';
}

/** A file that the agent writes itself need not be named. */
function isDefaultFile({ settings, hba, ident }: ServerFacts, name: string): boolean {
  if (name === 'hba_file') return hba !== null;
  if (name === 'ident_file') return ident !== null;
  return name === 'config_file' && settings.get(name) === `${settings.get('data_directory') ?? ''}/postgresql.conf`;
}

/** Libpq's defaults are said as well: they are in force, and nobody has to know them by heart. */
function superuser(connection: ReadonlyMap<string, string>, server: number): JsonObject {
  const since: readonly (readonly [keyword: string, major: number])[] = [
    ...['sslmode', 'sslcert', 'sslkey', 'sslrootcert', 'sslcrl'].map((keyword) => [keyword, 0] as const),
    ['gssencmode', 12],
    ['channel_binding', 13],
    ['sslpassword', 13],
    ['sslcrldir', 14],
    ['sslnegotiation', 17],
  ];
  const defaults = new Map([
    ['sslmode', 'prefer'],
    ['gssencmode', 'prefer'],
    ['channel_binding', 'prefer'],
    ...connection,
  ]);
  const said = since.flatMap(([keyword, major]) => {
    const value = server >= major ? defaults.get(keyword) : undefined;
    return value === undefined || value === '' ? [] : [[keyword, value] as const];
  });
  const password = connection.get('password');
  return {
    username: connection.get('user') ?? TO_FIX,
    ...(password !== undefined && { password }),
    ...Object.fromEntries(said),
  };
}

function inner(document: JsonObject, path: readonly string[]): JsonObject {
  return path.reduce<JsonObject>((outer, key) => (isJsonObject(outer[key]) ? outer[key] : {}), document);
}

function withoutNulls(document: JsonObject): JsonObject {
  const kept = Object.entries(document).filter(([, value]) => value !== null);
  return Object.fromEntries(kept.map(([key, value]) => [key, isJsonObject(value) ? withoutNulls(value) : value]));
}

/** Which settings are asked for, whatever their source: what the agent decides, and where files are. */
export function isAlwaysWanted(name: string): boolean {
  return isControlled(name) || ['hba_file', 'ident_file', 'config_file', 'data_directory'].includes(name);
}

/** The lines of pg_hba.conf that say something. */
export function hbaLines(text: string, server: number): readonly string[] {
  const words = ['local', 'host', 'hostssl', 'hostnossl', 'hostgssenc', 'hostnogssenc'];
  const including = server >= 16 ? ['include', 'include_if_exists', 'include_dir'] : [];
  return linesOf(text).filter((line) => [...words, ...including].includes(/^\S+/.exec(line)?.[0] ?? ''));
}

/** The lines of pg_ident.conf that say something. */
export function identLines(text: string): readonly string[] {
  return linesOf(text).filter((line) => !line.startsWith('#'));
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
