/** What becomes of many configurations: valid ones, odd ones and broken ones. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { effectivePostgres } from '../../domain/effective-postgres.ts';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json.ts';
import type { Environment } from './environment.ts';
import { loadAgentConfig } from './load.ts';
import { describeProblem } from './local-document.ts';

const baseline = `name: a
scope: shop
etcd3: {hosts: [10.0.0.1]}
restapi: {listen: "10.0.0.1:8008"}
postgresql:
  listen: 10.0.0.1:5432
  data_dir: /data
  pgpass: /pgpass
  authentication:
    replication: {username: r, password: x}
    superuser: {username: s, password: y}
`;

type Outcome =
  | { readonly kind: 'effective'; readonly value: JsonObject }
  | { readonly kind: 'broken'; readonly said: readonly string[] };

/** Everything that the agent goes by, PostgreSQL's part merged with `bootstrap.dcs`; or why it does not start. */
function outcomeOf(text: string | null, environment: Environment = {}): Outcome {
  const files = text === null ? [] : [{ path: 'node.yml', text }];
  const loaded = loadAgentConfig({ files, environment });
  if (loaded.kind === 'invalid') return { kind: 'broken', said: loaded.problems.map(describeProblem) };
  const { config } = loaded;
  const dynamic = config.bootstrap?.dynamic['postgresql'];
  const { section, ...postgres } = config.postgres;
  const { effective, warnings } = effectivePostgres({ local: section, dynamic: isJsonObject(dynamic) ? dynamic : {} });
  const { notices, ...rest } = config;
  const said = notices.map((each) => each.replace(/: .*/s, ''));
  const value = plain({ ...rest, postgres, effective, ...(said.length > 0 && { said }), warned: warnings.length });
  return { kind: 'effective', value };
}

/** As JSON would have it: no keys that are absent, no brands. */
function plain(value: unknown): JsonObject {
  const json: unknown = JSON.parse(JSON.stringify(value));
  return isJsonObject(json as Json) ? (json as JsonObject) : {};
}

/** What is different from the baseline; keys that are gone are `null`. */
function difference(from: JsonObject, to: JsonObject): JsonObject {
  const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
  const changes = [...keys].flatMap((key) => {
    const [before = null, after = null] = [from[key], to[key]];
    if (JSON.stringify(before) === JSON.stringify(after)) return [];
    const nested = isJsonObject(before) && isJsonObject(after) ? difference(before, after) : after;
    return [[key, nested] as const];
  });
  return Object.fromEntries(changes);
}

function changeBy(text: string | null, environment: Environment = {}): JsonObject | readonly string[] {
  const [usual, outcome] = [outcomeOf(baseline), outcomeOf(text, environment)];
  if (usual.kind === 'broken') throw new Error(usual.said.join('\n'));
  return outcome.kind === 'broken' ? outcome.said : difference(usual.value, outcome.value);
}

type Row = readonly [what: string, text: string | null, changes: JsonObject, environment?: Environment];
const also = (lines: string): string => `${baseline}${lines}\n`;
const inPostgres = (lines: string): string => also(`  ${lines}`);
const instead = (from: string | RegExp, to: string): string => baseline.replace(from, to);

const valid: readonly Row[] = [
  ['nothing but the baseline', baseline, {}],
  ['keys in another order', `log: {level: INFO}\n${baseline}`, {}],
  ['a remark and a document marker', `---\n# mine\n${baseline}`, {}],
  ['a namespace', also('namespace: /db/'), { namespace: '/db/' }],
  ['a level', also('log: {level: DEBUG}'), { log: { level: 'debug' } }],
  [
    'JSON lines',
    also('log: {type: json, static_fields: {app: x}}'),
    { log: { format: 'json', staticFields: { app: 'x' } } },
  ],
  [
    'a log file',
    also('log: {dir: /var/log, mode: 0640}'),
    { log: { file: { folder: '/var/log', mode: 416, kept: 4, bytesMax: 25_000_000 } } },
  ],
  [
    'tags',
    also('tags: {nofailover: true, clonefrom: on, zone: 1}'),
    { tags: { nofailover: true, clonefrom: true, zone: 1 } },
  ],
  [
    'a watchdog',
    also('watchdog: {mode: required, safety_margin: -1}'),
    { watchdog: { mode: 'required', safetyMargin: -1, isNamed: true } },
  ],
  [
    'all addresses',
    instead('10.0.0.1:5432', '"*:5433"'),
    { postgres: { listenAddresses: '*', port: 5433, connectAddress: 'localhost:5433' } },
  ],
  [
    'IPv6',
    instead('10.0.0.1:5432', '"[::1]:5432"'),
    { postgres: { listenAddresses: '::1', connectAddress: '[::1]:5432' } },
  ],
  ['an address for clients', inPostgres('proxy_address: proxy:6432'), { postgres: { proxyAddress: 'proxy:6432' } }],
  ['where programs are', inPostgres('bin_dir: /pg/bin'), { postgres: { binDir: '/pg/bin' } }],
  [
    'programs under other names',
    inPostgres('bin_name: {postgres: edb-postgres}'),
    { postgres: { binNames: { postgres: 'edb-postgres' } } },
  ],
  ['a socket', inPostgres('use_unix_socket: true'), { postgres: { useUnixSocket: true } }],
  ['rewinding', inPostgres('use_pg_rewind: true'), { effective: { usePgRewind: true } }],
  [
    'a user for it',
    instead('superuser:', 'rewind: {username: w, password: z}\n    superuser:'),
    { postgres: { rewind: { username: 'w', password: 'z' } } },
  ],
  ['parameters', inPostgres('parameters: {work_mem: 8MB}'), { effective: { parameters: { work_mem: '8MB' } } }],
  ['who may connect', inPostgres('pg_hba: [local all all peer]'), { effective: { pgHba: ['local all all peer'] } }],
  ['several etcd', instead('[10.0.0.1]', '"a, b:1"'), { store: { endpoints: ['a:2379', 'b:1'] } }],
  [
    'etcd with TLS',
    instead('[10.0.0.1]}', '[a], protocol: https, cacert: /ca}'),
    { store: { endpoints: ['a:2379'], protocol: 'https', tls: { caFile: '/ca' } } },
  ],
  [
    'etcd by a URL',
    instead('hosts: [10.0.0.1]', 'url: "https://u:p@a:1"'),
    { store: { endpoints: ['a:1'], protocol: 'https', username: 'u', password: 'p' } },
  ],
  [
    'who may change things',
    instead('8008"}', '8008", authentication: {username: u, password: p}}'),
    { api: { auth: { username: 'u', password: 'p' }, client: { auth: { username: 'u', password: 'p' } } } },
  ],
  ['a variable over the file', baseline, { scope: 'other' }, { PATRONI_SCOPE: 'other' }],
  ['variables alone', null, { api: { listenHost: 'h', connectAddress: 'h:8008' } }, variables()],
  ['PATRONI_CONFIGURATION alone', null, {}, { PATRONI_CONFIGURATION: baseline, PATRONI_SCOPE: 'other' }],
];

const odd: readonly Row[] = [
  ['timings in the file have no effect', also('ttl: 99'), { said: ['ttl'] }],
  ['nor has a standby cluster there', also('standby_cluster: {host: h}'), { said: ['standby_cluster'] }],
  ['unknown sections are nobody’s', also('spilo: {x: 1}'), {}],
  ['a section that is null at the top is not there', also('watchdog:'), {}],
  ['what a template without entries leaves of a section', also('tags: []\nctl: ""\nwatchdog: off'), {}],
  ['off without quotes', also('watchdog: {mode: off}'), { watchdog: { mode: 'off', isNamed: true } }],
  [
    'a mode that nobody knows',
    also('watchdog: {mode: foo}'),
    { watchdog: { mode: 'off', isNamed: true }, said: ['watchdog.mode'] },
  ],
  [
    'tags that contradict each other',
    also('tags: {nofailover: false, failover_priority: 0}'),
    { tags: { nofailover: false, failover_priority: 0 }, said: ['tags.failover_priority'] },
  ],
  [
    'a quoted "off" is true where no boolean is asked for',
    inPostgres('use_pg_rewind: "off"'),
    { effective: { usePgRewind: true } },
  ],
  ['controlled parameters of the file', inPostgres('parameters: {max_connections: 500}'), {}],
  [
    'a switch among parameters',
    inPostgres('parameters: {app.flag: on}'),
    { effective: { parameters: { 'app.flag': 'True' } } },
  ],
  [
    'an octal number',
    inPostgres('parameters: {log_file_mode: 0640}'),
    { effective: { parameters: { log_file_mode: '416' } } },
  ],
  ['a level in small letters', also('log: {level: warning}'), { log: { level: 'warn' } }],
  ['a level as a number', also('log: {level: 40}'), { log: { level: 'error' } }],
  ['the same key twice', also('scope: other'), { scope: 'other' }],
  ['an anchor and a merge', also('x: &x {zone: b}\ntags: {<<: *x}'), { tags: { zone: 'b' } }],
  [
    'a password that is a number',
    instead('password: x', 'password: 0123'),
    { postgres: { replication: { password: '83' } } },
  ],
  [
    'an IPv4 network as a text',
    instead('8008"}', '8008", allowlist: 10.0.0.0/8}'),
    { api: { allowlist: ['10.0.0.0/8'] } },
  ],
  ['a Citus section that is none', also('citus: {group: "0", database: x}'), {}],
  [
    'users, which were supported once',
    also('bootstrap: {dcs: {ttl: 20}, users: {}}'),
    {
      bootstrap: { dynamic: { ttl: 20 }, initdbOptions: [], pgHba: [], custom: null, postBootstrap: null },
      said: ['bootstrap.users'],
    },
  ],
  [
    'a forbidden option of a tool',
    inPostgres('basebackup: [pgdata, verbose]'),
    {
      effective: {
        basebackupOptions: ['--verbose'],
        replicaMethods: [{ kind: 'basebackup', options: ['--verbose'] }],
      },
      warned: 1,
    },
  ],
  ['the former name of replica methods', inPostgres('create_replica_method: [basebackup]'), {}],
  [
    'a variable without sense',
    baseline,
    { said: ['PATRONI_CTL_INSECURE has no effect'] },
    { PATRONI_CTL_INSECURE: 'maybe' },
  ],
];

const broken: readonly (readonly [
  what: string,
  text: string | null,
  said: readonly RegExp[],
  environment?: Environment,
])[] = [
  ['nothing', null, [/^environment: Config is empty/]],
  ['an empty file', '', [/^invalid config file node\.yml/]],
  ['a list', '- a', [/^invalid config file node\.yml/]],
  ['two documents', `${baseline}---\nname: b\n`, [/^node\.yml:\d+: invalid YAML/]],
  ['a tab', 'name:\n\ta', [/^node\.yml:2: invalid YAML/]],
  ['a custom tag', 'name: !secret a', [/^node\.yml:1: invalid YAML/]],
  ['a lone =', instead('name: a', 'name: ='), [/^node\.yml:1: invalid YAML/]],
  ['no name', instead('name: a\n', ''), [/^node\.yml: name: is missing/]],
  ['a name that is a number', instead('name: a', 'name: 1'), [/^node\.yml:1: name: .*quotes/]],
  ['a scope with a slash', instead('scope: shop', 'scope: a/b'), [/^node\.yml:2: scope: /]],
  ['no store', instead(/etcd3.*\n/, ''), [/^node\.yml: etcd3: is missing/]],
  ['another store', instead('etcd3: {hosts', 'consul: {host'), [/^node\.yml:3: consul: /]],
  ['an old protocol', instead('etcd3:', 'etcd:'), [/^node\.yml:3: etcd: .*version 2/]],
  ['no port to listen on', instead('"10.0.0.1:8008"', 'h'), [/^node\.yml:4: restapi\.listen: /]],
  ['no data_dir', instead('  data_dir: /data\n', ''), [/^node\.yml:5: postgresql\.data_dir: is missing/]],
  [
    'no replication user',
    instead(/ +replication.*\n/, ''),
    [/^node\.yml:9: postgresql\.authentication\.replication: is missing/],
  ],
  ['parameters that are a list', inPostgres('parameters: [a]'), [/^node\.yml:12: postgresql\.parameters: /]],
  ['a section that is a text', also('tags: none'), [/^node\.yml:12: tags: /]],
  [
    'half of a pair',
    instead('8008"}', '8008", authentication: {username: u}}'),
    [/^node\.yml:4: restapi\.authentication\.password: /],
  ],
  ['a level nobody knows', also('log: {level: loud}'), [/^node\.yml:12: log\.level: /]],
  [
    'several at once',
    instead('name: a\n', '').replace('10.0.0.1:5432', 'x:y'),
    [/^node\.yml: name: /, /^node\.yml:5: postgresql\.listen: /],
  ],
  ['a variable', baseline, [/^PATRONI_POSTGRESQL_LISTEN: postgresql\.listen: /], { PATRONI_POSTGRESQL_LISTEN: 'x:y' }],
];

describe('what becomes of a configuration, as its difference to the baseline', () => {
  test.for([...valid, ...odd])('%s', ([, text, changes, environment]) => {
    expect(changeBy(text, environment)).toEqual(changes);
  });
});

describe('a broken one is told with its place', () => {
  test.for(broken)('%s', ([, text, said, environment]) => {
    expect(changeBy(text, environment)).toEqual(said.map((each): unknown => expect.stringMatching(each)));
  });
});

describe('files that others made', () => {
  const fixture = (name: string): string =>
    readFileSync(new URL(`../../../test/fixtures/config/${name}`, import.meta.url), 'utf8');

  test.for([
    ['hosts-as-text.yml', { usePgRewind: true, pgHba: [] }],
    ['hosts-as-list.yml', { usePgRewind: true, removeDataOnRewindFailure: true }],
    ['generated/patroni-4.0-postgresql-12.yml', { usePgRewind: true, pgHba: [expect.any(String), expect.any(String)] }],
    ['generated/patroni-4.0-postgresql-17.yml', { parameters: expect.objectContaining({ wal_keep_size: '128MB' }) }],
    ['generated/patroni-4.1-postgresql-12.yml', { parameters: expect.objectContaining({ wal_keep_segments: '8' }) }],
    [
      'generated/patroni-4.1-postgresql-17.yml',
      { parameters: expect.objectContaining({ password_encryption: 'scram-sha-256', wal_level: 'replica' }) },
    ],
  ] as const)('%s', ([name, effective]) => {
    const outcome = outcomeOf(fixture(name));
    expect(outcome).toMatchObject({ kind: 'effective', value: { effective, warned: 0 } });
  });

  test('a sample that nobody has filled in yet lacks a store', () => {
    expect(outcomeOf(fixture('generated/patroni-4.1-to-be-filled-in.yml'))).toEqual({
      kind: 'broken',
      said: [expect.stringMatching(/: etcd3: is missing/)],
    });
  });
});

test('these are at least sixty', () => {
  expect(valid.length + odd.length + broken.length + 7).toBeGreaterThanOrEqual(60);
});

function variables(): Environment {
  return {
    PATRONI_NAME: 'a',
    PATRONI_SCOPE: 'shop',
    PATRONI_ETCD3_HOSTS: "'10.0.0.1'",
    PATRONI_RESTAPI_LISTEN: 'h:8008',
    PATRONI_POSTGRESQL_LISTEN: '10.0.0.1:5432',
    PATRONI_POSTGRESQL_DATA_DIR: '/data',
    PATRONI_POSTGRESQL_PGPASS: '/pgpass',
    PATRONI_REPLICATION_USERNAME: 'r',
    PATRONI_REPLICATION_PASSWORD: 'x',
    PATRONI_SUPERUSER_USERNAME: 's',
    PATRONI_SUPERUSER_PASSWORD: 'y',
  };
}
