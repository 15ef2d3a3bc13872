import { describe, expect, test } from 'vitest';
import { isJsonObject, type JsonObject } from '../../domain/json.ts';
import { parseYaml } from '../config/yaml.ts';
import { describeFinding } from './check.ts';
import { type Machine, validate } from './schema.ts';

/** A machine with nothing on it, but for what a test says. */
const bare: Machine = {
  connects: () => 'refused',
  ownAddresses: () => ['10.0.0.1'],
  kindOf: () => 'missing',
  namesIn: () => null,
  readText: () => null,
  hasProgram: () => true,
  majorVersion: () => '16',
};

/** etcd answers, and nobody is at the addresses of this member. */
const usual: Partial<Machine> = {
  connects: (_host, port) => (port === 2379 ? 'accepted' : 'refused'),
};

const valid = `
name: a
scope: shop
etcd3: {hosts: "10.0.0.1:2379,10.0.0.2:2379"}
restapi: {listen: "*:8008", connect_address: "10.0.0.1:8008"}
bootstrap:
  dcs: {ttl: 30, member_slots_ttl: 30min, synchronous_mode: quorum}
  initdb: [{encoding: UTF8}, data-checksums]
postgresql:
  listen: "*:5432"
  connect_address: 10.0.0.1:5432
  data_dir: /data
  authentication:
    replication: {username: r, password: p}
    superuser: {username: s}
watchdog: {mode: off}
`;

function findings(
  text: string,
  machine: Partial<Machine> = {},
  ports: Parameters<typeof validate>[2] = 'have-to-be-free',
): readonly string[] {
  const found = validate(documentOf(text), { ...bare, ...usual, ...machine }, ports);
  return found.map(describeFinding);
}

function documentOf(text: string): JsonObject {
  const parsed = parseYaml(text);
  if (parsed.kind === 'invalid' || !isJsonObject(parsed.value)) throw new Error('the test is no YAML');
  return parsed.value;
}

describe('--validate-config (config.md 11)', () => {
  test('nothing is wrong with a valid one', () => {
    expect(findings(valid)).toEqual([]);
  });

  test('CONF-28: of an empty one everything is missing, in the order of the schema', () => {
    const missing = 'name scope restapi consul etcd etcd3 exhibitor kubernetes raft zookeeper postgresql'.split(' ');
    expect(findings('{}')).toEqual(missing.map((each) => `${each}  is not defined.`));
  });

  test.for<[rule: string, change: [from: string | RegExp, to: string], line: string]>([
    [
      'CONF-32: levels have their case',
      ['scope: shop', 'scope: shop\nlog: {level: info}'],
      "log.level info didn't pass validation: Wrong value",
    ],
    [
      'CONF-29: one of the two tags',
      ['scope: shop', 'scope: shop\ntags: {nofailover: true, failover_priority: 1}'],
      "tags  Multiple of ('nofailover', 'failover_priority') provided",
    ],
    [
      'CONF-27: half of a pair',
      ['connect_address: "10', 'authentication: {username: u}, connect_address: "10'],
      'restapi.authentication.password  is not defined.',
    ],
    ['a name that is a number', ['name: a', 'name: 7'], 'name 7 is not a string'],
    [
      'the reserved name',
      ['name: a', 'name: __patroni_strict_sync_replica_placeholder__'],
      "name __patroni_strict_sync_replica_placeholder__ didn't pass validation: Node 'name' can't be set to '__patroni_strict_sync_replica_placeholder__'",
    ],
    [
      'an address that only this machine understands',
      ['connect_address: 10.0.0.1:5432', 'connect_address: localhost:5432'],
      `postgresql.connect_address localhost:5432 didn't pass validation: must not contain "127.0.0.1", "0.0.0.0", "*", "::1", "localhost"`,
    ],
    [
      'every address beside another',
      ['listen: "*:5432"', 'listen: "*,10.0.0.1:5432"'],
      "postgresql.listen *,10.0.0.1:5432 didn't pass validation: expecting '*' alone",
    ],
    [
      'an item of a list',
      ['data-checksums]', '5]'],
      'bootstrap.initdb.1 5 is not a string\nbootstrap.initdb.1 5 is not a dictionary',
    ],
    ['a watchdog that is on', ['mode: off', 'mode: on'], "watchdog.mode True didn't pass validation: Wrong value"],
    [
      'a mode nobody knows',
      ['quorum', 'strict'],
      "bootstrap.dcs.synchronous_mode strict didn't pass validation: invalid value for synchronous_mode",
    ],
    ['a ttl below the smallest', ['ttl: 30', 'ttl: 1'], "bootstrap.dcs.ttl 1 didn't pass validation: Wrong value"],
    ['an empty list', ['data_dir: /data', 'data_dir: /data\n  pg_hba: []'], 'postgresql.pg_hba [] is an empty list'],
    ['no data_dir', ['data_dir: /data', ''], 'postgresql.data_dir  is not defined.'],
    ['a section that is a text', [/watchdog:.*/, 'watchdog: x'], 'watchdog x is not a dictionary'],
    [
      'two stores, one without an address',
      ['etcd3:', 'etcd: {}\netcd3:'],
      ['host', 'hosts', 'srv', 'srv_suffix', 'url', 'proxy'].map((each) => `etcd.${each}  is not defined.`).join('\n'),
    ],
  ])('%s', ([, [from, to], line]) => {
    const changed = valid.replace(from, to);
    expect(changed).not.toBe(valid);
    expect(findings(changed).join('\n')).toBe(line);
  });

  test('timings that this agent takes, and Patroni would not', () => {
    expect(findings(valid.replace('ttl: 30', 'ttl: 5, loop_wait: 2, retry_timeout: 1'))).toEqual([]);
  });

  test('a store that does not answer, each of a list at its index', () => {
    const silent = {
      connects: (host: string) => (host === 'b' ? { problem: 'no such name' } : ('refused' as const)),
    } as const;
    expect(findings(valid.replace(/hosts: .*}/, 'hosts: [a:1, b:2]}'), silent)).toEqual([
      "etcd3.hosts.0 a:1 didn't pass validation: a:1 is not reachable",
      "etcd3.hosts.1 b:2 didn't pass validation: no such name",
    ]);
  });

  test('CONF-33: a port in use, unless it may be', () => {
    const taken: Partial<Machine> = {
      connects: (_host, port) => (port === 5432 ? 'refused' : 'accepted'),
    };
    expect(findings(valid, taken)).toEqual([
      "restapi.listen *:8008 didn't pass validation: Port 8008 is already in use.",
    ]);
    expect(findings(valid, taken, 'may-be-taken')).toEqual([]);
  });

  test('CONF-36: a folder of programs without one of them', () => {
    const text = valid.replace('data_dir', 'bin_dir: /bin\n  data_dir');
    const machine: Partial<Machine> = {
      kindOf: (path) => (path === '/bin' ? 'directory' : 'missing'),
      hasProgram: (program) => program !== 'initdb',
    };
    expect(findings(text, machine)).toEqual(["postgresql.bin_dir  does not contain 'initdb' in '/bin'"]);
    expect(findings(text)).toEqual(["postgresql.bin_dir  Directory '/bin' does not exist."]);
  });

  test('a program under another name is looked for under that one', () => {
    const text = valid.replace('data_dir', 'bin_name: {postgres: edb-postgres}\n  data_dir');
    expect(findings(text, { hasProgram: (program) => program !== 'postgres' })).toEqual([]);
    expect(findings(text, { hasProgram: (program) => program !== 'edb-postgres' })).toEqual([
      "postgresql.bin_name.postgres edb-postgres didn't pass validation: does not contain 'edb-postgres' in '$PATH'",
    ]);
  });

  describe('the data directory', () => {
    const directory = (version: string, names: readonly string[]): Partial<Machine> => ({
      kindOf: (path) => {
        if (path === '/data') return 'directory';
        const name = path.slice('/data/'.length);
        return names.includes(name) ? (name === 'pg_wal' ? 'directory' : 'other') : 'missing';
      },
      namesIn: () => names,
      readText: () => `${version}\n`,
    });
    const whole = ['global/pg_control', 'pg_wal', 'PG_VERSION'];

    test('CONF-37: of another version than the programs', () => {
      expect(findings(valid, directory('15', whole))).toEqual([
        "postgresql.data_dir /data didn't pass validation: data_dir directory postgresql version (15) doesn't match with 'postgres --version' output (16)",
      ]);
      expect(findings(valid, directory('16', whole))).toEqual([]);
    });

    test.for<[string, Partial<Machine>, string | null]>([
      ['empty but for what is hidden', directory('16', []), null],
      ['something else', directory('16', ['letters']), "doesn't look like a valid data directory"],
      [
        'without its WAL',
        directory('16', ['global/pg_control']),
        'data dir for the cluster is not empty, but doesn\'t contain "pg_wal" directory',
      ],
      ['a file', { kindOf: () => 'other' }, 'is not a directory'],
    ])('%s', ([, machine, reason]) => {
      const expected = reason === null ? [] : [`postgresql.data_dir /data didn't pass validation: ${reason}`];
      expect(findings(valid, machine)).toEqual(expected);
    });
  });
});
