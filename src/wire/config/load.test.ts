import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AgentConfig } from '../../domain/agent-config.ts';
import type { Environment } from './environment.ts';
import { loadAgentConfig } from './load.ts';
import { describeProblem } from './local-document.ts';

const smallest = `
name: shop-a
scope: shop
etcd3: {hosts: [10.0.0.1]}
restapi: {listen: "10.0.0.1:8008"}
postgresql:
  listen: 10.0.0.1:5432
  data_dir: /data
  authentication:
    replication: {username: replicator, password: r}
    superuser: {username: postgres, password: p}
`;

function load(text: string | null, environment: Environment = {}) {
  return loadAgentConfig({ files: text === null ? [] : [{ text, path: 'patroni.yml' }], environment });
}

/** The configuration, or the problems in words. */
function loaded(text: string | null, environment: Environment = {}): AgentConfig {
  const outcome = load(text, environment);
  if (outcome.kind === 'invalid') throw new Error(outcome.problems.map(describeProblem).join('\n'));
  return outcome.config;
}

function fixture(name: string): AgentConfig {
  return loaded(readFileSync(new URL(`../../../test/fixtures/config/${name}`, import.meta.url), 'utf8'));
}

describe('node files of Patroni clusters load unchanged', () => {
  it('hosts as one text, namespace /db/, initdb as a list', () => {
    expect(fixture('hosts-as-text.yml')).toMatchObject({
      name: 'node1',
      scope: 'postgres',
      namespace: '/db/',
      store: {
        endpoints: ['10.20.0.11:2379', '10.20.0.12:2379', '10.20.0.13:2379'],
        protocol: 'http',
        useProxies: false,
      },
      api: { listenHost: '10.20.0.11', port: 8008, connectAddress: '10.20.0.11:8008', auth: null, tls: null },
      postgres: {
        listenAddresses: '10.20.0.11',
        connectAddress: '10.20.0.11:5432',
        dataDir: '/data/patroni',
        configDir: '/data/patroni',
        binDir: '',
        pgpassFile: '/tmp/pgpass',
        superuser: { username: 'postgres', password: 'postgres-secret' },
        rewind: { username: 'postgres', password: 'postgres-secret' },
        section: { parameters: { unix_socket_directories: '.' } },
      },
      bootstrap: {
        dynamic: { ttl: 30, postgresql: { use_pg_rewind: true } },
        initdbOptions: ['--encoding=UTF8', '--data-checksums'],
        custom: null,
        postBootstrap: null,
      },
      tags: { nofailover: false },
    });
  });

  it('hosts as a list, synchronous mode, rewinding, watchdog and tags', () => {
    const config = fixture('hosts-as-list.yml');
    expect(config).toMatchObject({
      store: { endpoints: ['10.20.0.11:2379', '10.20.0.12:2379', '10.20.0.13:2379'] },
      postgres: {
        listenAddresses: '0.0.0.0',
        replication: { username: 'replicator', password: 'replicator-secret', connection: {} },
        rewind: { username: 'rewinder', password: 'rewinder-secret', connection: {} },
        section: { use_pg_rewind: true, remove_data_directory_on_rewind_failure: true },
      },
      bootstrap: { dynamic: { synchronous_mode: true, postgresql: { use_slots: true } } },
      watchdog: { mode: 'automatic', device: '/dev/watchdog', safetyMargin: 5, isNamed: true },
    });
    expect(config.postgres.section['pg_hba']).toHaveLength(4);
    expect(config.notices.join('\n')).not.toMatch(/synchronous_mode|watchdog/);
  });

  it('CONF-52: what the watchdog section says', () => {
    const watchdog = (line: string): unknown => loaded(smallest + line).watchdog;
    expect(watchdog('watchdog: {mode: required, device: /run/pipe, safety_margin: -1, driver: testing}')).toEqual({
      mode: 'required',
      device: '/run/pipe',
      safetyMargin: -1,
      driver: 'testing',
      isNamed: true,
    });
    expect(watchdog('watchdog: {mode: off}')).toMatchObject({ mode: 'off' });
    expect(watchdog('')).toEqual({ mode: 'automatic', device: '/dev/watchdog', safetyMargin: 5 });
  });

  it('the part that is merged and traced holds no secret', () => {
    expect(JSON.stringify(fixture('hosts-as-list.yml').postgres.section)).not.toContain('secret');
  });
});

describe('what a short file leaves out', () => {
  it('has its defaults', () => {
    expect(loaded(smallest, { HOME: '/home/p' })).toEqual({
      name: 'shop-a',
      scope: 'shop',
      namespace: 'service',
      tags: {},
      store: {
        kind: 'etcd3',
        endpoints: ['10.0.0.1:2379'],
        protocol: 'http',
        tls: { caFile: null, certFile: null, keyFile: null },
        username: null,
        password: null,
        useProxies: false,
      },
      api: {
        listenHost: '10.0.0.1',
        port: 8008,
        connectAddress: '10.0.0.1:8008',
        auth: null,
        tls: null,
        clientCaFile: null,
        verifyClient: 'none',
        allowlist: [],
        allowlistIncludesMembers: false,
        extraHeaders: [],
        serverTokens: 'original',
        backlog: 128,
        client: { tls: { caFile: null, certFile: null, keyFile: null }, insecure: true, auth: null },
      },
      postgres: {
        listenAddresses: '10.0.0.1',
        port: 5432,
        connectAddress: '10.0.0.1:5432',
        proxyAddress: null,
        dataDir: '/data',
        configDir: '/data',
        binDir: '',
        binNames: {},
        database: 'postgres',
        pgpassFile: '/home/p/pgpass',
        useUnixSocket: false,
        useUnixSocketForReplication: false,
        superuser: { username: 'postgres', password: 'p', connection: {} },
        replication: { username: 'replicator', password: 'r', connection: {} },
        rewind: { username: 'postgres', password: 'p', connection: {} },
        section: { listen: '10.0.0.1:5432', data_dir: '/data' },
      },
      bootstrap: null,
      watchdog: { mode: 'automatic', device: '/dev/watchdog', safetyMargin: 5 },
      log: { level: 'info', format: 'plain' },
      notices: [],
    } satisfies Record<keyof AgentConfig, unknown>);
  });

  it('knows a directory by one name, whether a slash follows it or not', () => {
    const text = smallest.replace('data_dir: /data', 'data_dir: /data//\n  config_dir: /data/');
    expect(load(text)).toMatchObject({ config: { postgres: { dataDir: '/data', configDir: '/data' } } });
  });

  it.each<[string, string, unknown]>([
    ['every address is reached as localhost', '"*:5433"', { listenAddresses: '*', connectAddress: 'localhost:5433' }],
    ['so is one in the middle', 'a,localhost:5433', { connectAddress: 'localhost:5433' }],
    ['else the first address is', '"[::1],b"', { listenAddresses: '::1,b', port: 5432, connectAddress: '[::1]:5432' }],
  ])('%s', (_rule, listen, postgres) => {
    expect(loaded(smallest.replace('10.0.0.1:5432', listen))).toMatchObject({ postgres });
  });
});

describe('where etcd is (dcs.md 3.1.8)', () => {
  it.each<[string, string, unknown]>([
    ['one text, ports by default', '{hosts: "a, b:1", port: 3379}', { endpoints: ['a:3379', 'b:1'] }],
    [
      'host',
      '{host: "a:1", protocol: https, cacert: /ca, cert: /c, key: /k}',
      { endpoints: ['a:1'], protocol: 'https', tls: { caFile: '/ca', certFile: '/c', keyFile: '/k' } },
    ],
    ['hosts beat host', '{host: a, hosts: b}', { endpoints: ['b:2379'] }],
    [
      'a URL beats hosts, and its credentials theirs',
      '{hosts: b, url: "https://u:p%40@a", username: x, password: y}',
      { endpoints: ['a:2379'], protocol: 'https', username: 'u', password: 'p@' },
    ],
    ['a URL without credentials', '{url: "http://a:1", username: x, password: y}', { username: null, password: null }],
    ['a proxy is final', '{proxy: "http://a:1", url: "http://b:1"}', { endpoints: ['a:1'], useProxies: true }],
    [
      'fixed hosts',
      '{hosts: [a], use_proxies: true, username: x, password: y}',
      { useProxies: true, username: 'x', password: 'y' },
    ],
    ['IPv6', '{hosts: ["[::1]:2379"]}', { endpoints: ['[::1]:2379'] }],
  ])('%s', (_rule, section, store) => {
    expect(loaded(smallest.replace('{hosts: [10.0.0.1]}', section))).toMatchObject({ store });
  });
});

describe('the REST API', () => {
  it.each<[string, string, unknown]>([
    ['all addresses', '{listen: ":8008", connect_address: "h:8009"}', { listenHost: '*', connectAddress: 'h:8009' }],
    [
      'TLS',
      '{listen: "a:1", certfile: /c, keyfile: /k, cafile: /ca, verify_client: Required}',
      {
        tls: { certFile: '/c', keyFile: '/k', keyPassword: null, ciphers: null },
        clientCaFile: '/ca',
        verifyClient: 'required',
        client: { tls: { caFile: '/ca' }, insecure: true },
      },
    ],
    [
      'authentication, for peers too',
      '{listen: "a:1", authentication: {username: u, password: 1234}}',
      { auth: { username: 'u', password: '1234' }, client: { auth: { username: 'u', password: '1234' } } },
    ],
    ['the former spelling', '{listen: "a:1", auth: "u:p:q"}', { auth: { username: 'u', password: 'p:q' } }],
    ['an allowlist', '{listen: "a:1", allowlist: [10.0.0.0/8]}', { allowlist: ['10.0.0.0/8'] }],
  ])('%s', (_rule, section, api) => {
    expect(loaded(smallest.replace('{listen: "10.0.0.1:8008"}', section))).toMatchObject({ api });
  });

  it('own credentials and a client certificate for requests to peers', () => {
    const key = 'keyfile: /k, keyfile_password: s';
    const ctl = `ctl: {certfile: /c, ${key}, cacert: /ca, authentication: {username: u, password: p}}`;
    expect(loaded(smallest + ctl).api.client).toEqual({
      tls: { caFile: '/ca', certFile: '/c', keyFile: '/k' },
      keyPassword: 's',
      insecure: false,
      auth: { username: 'u', password: 'p' },
    });
  });
});

describe('file and environment (config.md 3 and 4)', () => {
  it('CONF-19: a variable beats the file', () => {
    expect(loaded(smallest, { PATRONI_RESTAPI_LISTEN: 'b:9' }).api).toMatchObject({ listenHost: 'b', port: 9 });
  });

  it('the environment alone is enough', () => {
    const config = loaded(null, {
      PATRONI_NAME: '7',
      PATRONI_SCOPE: 'shop',
      PATRONI_ETCD3_HOSTS: 'a,b',
      PATRONI_RESTAPI_LISTEN: 'a:8008',
      PATRONI_POSTGRESQL_LISTEN: 'a:5432',
      PATRONI_POSTGRESQL_DATA_DIR: '/data',
      PATRONI_REPLICATION_USERNAME: 'replicator',
      PATRONI_REPLICATION_SSLMODE: 'require',
      USER: 'somebody',
    });
    expect(config).toMatchObject({ name: '7', store: { endpoints: ['a:2379', 'b:2379'] } });
    expect(config.postgres).toMatchObject({
      superuser: { username: 'somebody', password: null },
      replication: { username: 'replicator', connection: { sslmode: 'require' } },
      pgpassFile: '/data.pgpass',
    });
  });

  it('CONF-18: PATRONI_CONFIGURATION replaces the other variables', () => {
    expect(loaded(null, { PATRONI_CONFIGURATION: smallest, PATRONI_NAME: 'other' }).name).toBe('shop-a');
  });

  it('etcd is found by DNS, with or without hosts to fall back on', () => {
    const store = (section: string) => loaded(smallest.replace('{hosts: [10.0.0.1]}', section)).store;
    expect(store('{srv: example.org}')).toMatchObject({ srv: { domain: 'example.org', suffix: null }, endpoints: [] });
    expect(store('{discovery_srv: example.org, srv_suffix: db, hosts: [a]}')).toMatchObject({
      srv: { domain: 'example.org', suffix: 'db' },
      endpoints: ['a:2379'],
    });
  });

  it('CONF-38: etcd beats etcd3, and is not what we speak', () => {
    expect(load(`${smallest}\netcd: {host: a}`)).toMatchObject({ problems: [{ path: 'etcd', line: 13 }] });
  });

  it('a section that is null at the top is not there', () => {
    expect(loaded(`${smallest}\nconsul:\nwatchdog:\ntags:`).tags).toEqual({});
  });
});

describe('former spellings (config.md 13)', () => {
  it('name and users inside postgresql, rewinding by having a user for it', () => {
    const former = `
scope: shop
etcd3: {hosts: a}
restapi: {listen: "a:1"}
postgresql:
  name: shop-a
  listen: a:5432
  data_dir: /data
  replication: {username: r, password: 1}
  pg_rewind: {username: w, password: 2}
`;
    expect(loaded(former)).toMatchObject({
      name: 'shop-a',
      postgres: {
        replication: { username: 'r', password: '1' },
        superuser: { username: 'w', password: '2' },
        rewind: { username: 'w' },
        section: { use_pg_rewind: true },
      },
    });
    expect(loaded(former.replace(/ {2}pg_rewind.*/, '')).postgres.section['use_pg_rewind']).toBe(false);
  });

  it('post_init gives way to post_bootstrap', () => {
    const both = `${smallest}\nbootstrap: {dcs: {ttl: 20}, post_init: a, post_bootstrap: b}`;
    expect(loaded(both).bootstrap?.postBootstrap).toBe('b');
    expect(loaded(both.replace(', post_bootstrap: b', '')).bootstrap?.postBootstrap).toBe('a');
  });
});

describe('what keeps an agent from starting names the place', () => {
  it.each<[string, string, string, number | null]>([
    ['no name', smallest.replace('name: shop-a', ''), 'name', null],
    ['a name that YAML takes for a number', smallest.replace('shop-a', '007'), 'name', 2],
    ['a name with a slash', smallest.replace('shop-a', 'a/b'), 'name', 2],
    ['the reserved name', smallest.replace('shop-a', '__patroni_strict_sync_replica_placeholder__'), 'name', 2],
    ['no scope', smallest.replace('scope: shop', ''), 'scope', null],
    ['no store', smallest.replace(/etcd3.*/, ''), 'etcd3', null],
    ['a section meant to be a store', smallest.replace(/etcd3.*/, 'zookeper: {hosts: [a]}'), 'zookeper', 4],
    ['another store', smallest.replace(/etcd3.*/, 'consul: {host: a}'), 'consul', 4],
    ['a store without address', smallest.replace('[10.0.0.1]', ''), 'etcd3.hosts', 4],
    ['a URL among hosts', smallest.replace('[10.0.0.1]', '"http://a:1"'), 'etcd3.hosts', 4],
    ['no REST API', smallest.replace(/restapi.*/, ''), 'restapi.listen', null],
    ['a REST API without port', smallest.replace('10.0.0.1:8008', 'a'), 'restapi.listen', 5],
    [
      'CONF-27: half of a pair',
      smallest.replace('"10.0.0.1:8008"', '"a:1", authentication: {username: u}'),
      'restapi.authentication.password',
      5,
    ],
    ['no data_dir', smallest.replace('data_dir: /data', ''), 'postgresql.data_dir', 6],
    ['a bad listen', smallest.replace('10.0.0.1:5432', 'a:port'), 'postgresql.listen', 7],
    ['no replication user', smallest.replace(/replication:.*/, ''), 'postgresql.authentication.replication', 9],
    [
      'a user without name',
      smallest.replace('username: postgres, ', ''),
      'postgresql.authentication.superuser.username',
      11,
    ],
    ['parameters that are a list', `${smallest}  parameters: [a]`, 'postgresql.parameters', 12],
    ['a section that is a text', `${smallest}\ntags: none`, 'tags', 13],
    ['an unknown log level', `${smallest}\nlog: {level: loud}`, 'log.level', 13],
    ['Citus', `${smallest}\ncitus: {group: 0, database: d}`, 'citus', 13],
  ])('%s', (_name, text, path, line) => {
    const outcome = load(text);
    expect(outcome.kind === 'invalid' && outcome.problems).toMatchObject([{ path, line, source: 'patroni.yml' }]);
  });

  it('a URL among hosts is not repeated: it may have a password', () => {
    const text = smallest.replace('[10.0.0.1]', '"http://u:hid,den@a:1"');
    expect(load(text).kind).toBe('invalid');
    expect(JSON.stringify(load(text))).not.toMatch(/hid|den/);
  });

  it.each([
    ['an empty file', '', null],
    ['a list', '- a', null],
    ['no YAML', 'a: 1\nb: [', 2],
  ])('%s', (_name, text, line) => {
    expect(load(text)).toMatchObject({ kind: 'invalid', problems: [{ path: '', line }] });
  });

  it('nothing at all', () => {
    expect(load(null)).toMatchObject({ kind: 'invalid', problems: [{ path: '' }] });
  });

  it('a variable that is wrong is named, not the file', () => {
    const outcome = load(smallest, { PATRONI_POSTGRESQL_LISTEN: 'a:port' });
    expect(outcome.kind === 'invalid' && outcome.problems).toMatchObject([
      { path: 'postgresql.listen', source: 'PATRONI_POSTGRESQL_LISTEN', line: null },
    ]);
  });

  it('reads like a compiler’s message', () => {
    expect(describeProblem({ path: 'a.b', source: 'f.yml', line: 3, message: 'is missing' })).toBe(
      'f.yml:3: a.b: is missing',
    );
    expect(describeProblem({ path: '', source: 'f.yml', line: null, message: 'empty' })).toBe('f.yml: empty');
  });
});

describe('what is accepted without effect is said', () => {
  it.each<[string, string, string]>([
    ['timings of the local file', 'ttl: 99', 'ttl'],
    [
      'CONF-30: tags that contradict each other',
      'tags: {nofailover: false, failover_priority: 0}',
      'tags.failover_priority',
    ],
    ['CONF-52: an unknown watchdog mode', 'watchdog: {mode: foo}', 'watchdog.mode'],
    ['bootstrap.users', 'bootstrap: {dcs: {ttl: 20}, users: {}}', 'bootstrap.users'],
  ])('%s', (_name, line, option) => {
    const { notices } = loaded(smallest + line);
    expect(notices).toHaveLength(1);
    expect(notices[0]?.startsWith(`${option}: `)).toBe(true);
  });

  it.each([
    ['CONF-52: a watchdog switched off', 'watchdog: {mode: off}'],
    ['unknown options', 'anything: {goes: here}'],
    ['tags that agree', 'tags: {nofailover: true, failover_priority: 0, nosync: false, sync_priority: 1}'],
    ['what happens anyway', '  create_replica_methods: [basebackup]'],
    ['CONF-54: a Citus section that is none', 'citus: {group: "0", database: x}'],
  ])('%s: nothing is', (_name, line) => {
    expect(loaded(smallest + line).notices).toEqual([]);
  });
});

describe('a node that could not create the cluster that is wanted creates none (config.md 9.5)', () => {
  it.each([
    ['CONF-56: an initdb option of the wrong kind', '{dcs: {ttl: 20}, initdb: [{wal-segsize: 64}]}'],
    ['a standby cluster without a host to copy', '{dcs: {standby_cluster: {restore_command: cp}}}'],
    ['timings without sense', '{dcs: {ttl: abc}}'],
  ])('%s', (_name, bootstrap) => {
    const config = loaded(`${smallest}\nbootstrap: ${bootstrap}`);
    expect(config.bootstrap).toBeNull();
    expect(config.notices).toHaveLength(1);
  });

  it('a custom method takes the place of initdb, whatever the options for that are', () => {
    const { bootstrap } = loaded(
      `${smallest}\nbootstrap: {dcs: {ttl: 20}, method: pitr, pitr: {command: x, arg: 1}, initdb: [{wal-segsize: 64}]}`,
    );
    expect(bootstrap?.custom).toMatchObject({ name: 'pitr', command: 'x', options: ['--arg=1'] });
  });

  it('an archive can be copied without a host, where a method needs none', () => {
    const method = 'postgresql: {wal_e: {no_leader: true}}';
    const standby = '{restore_command: cp, create_replica_methods: [wal_e]}';
    const { bootstrap } = loaded(`${smallest}\nbootstrap: {dcs: {${method}, standby_cluster: ${standby}}}`);
    expect(bootstrap).not.toBeNull();
  });

  it('a method without a command is initdb, and an empty document is not stored as one (T-11)', () => {
    const { bootstrap } = loaded(`${smallest}\nbootstrap: {method: pitr, pg_hba: [a]}`);
    expect(bootstrap).toMatchObject({ dynamic: { ttl: 30 }, initdbOptions: [], pgHba: ['a'] });
  });
});
