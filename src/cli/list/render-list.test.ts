import { describe, expect, test } from 'vitest';
import { clusterView } from '../../../test/support/node-snapshot.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import type { ListFormat } from './formats.ts';
import { renderList } from './render-list.ts';

type Keys = Readonly<Record<string, Json>>;

function list(format: ListFormat, keys: Keys = {}, extended = false): string {
  return renderList({ name: 'demo', ...plain(keys), format, extended, order: 'names' });
}

/** One cluster without groups. */
function plain(keys: Keys) {
  return { groups: [{ group: null, view: clusterView(keys) }], grouping: { kind: 'none' } } as const;
}

function member(change: JsonObject): JsonObject {
  return {
    conn_url: 'postgres://10.0.0.2:5432/postgres',
    state: 'running',
    role: 'replica',
    version: '4.1.4',
    replication_state: 'streaming',
    receive_lsn: 83_886_176,
    replay_lsn: 83_886_176,
    xlog_location: 83_886_176,
    timeline: 4,
    ...change,
  };
}

/** The full example of spec/ctl.md 7. */
const example: Keys = {
  config: { synchronous_mode: true },
  sync: { leader: 'n1', quorum: 0, sync_standby: 'n2' },
  'members/n2': member({ tags: { clonefrom: true, zone: 'a' } }),
  'members/n3': { conn_url: 'postgres://10.0.0.3:5432/postgres', state: 'stopped', role: 'replica', version: '4.1.4' },
};

const footer = [
  ' Maintenance mode: on',
  ' Switchover scheduled at: 2031-05-04T10:00:00+00:00',
  '                    from: n1',
  '                      to: n2',
  '',
].join('\n');

describe('ctl', () => {
  test('CTL-1: the pretty table', () => {
    expect(list('pretty')).toBe(
      [
        '+ Cluster: demo (7400000000000000001) ----+----+-------------+-----+------------+-----+',
        '| Member | Host     | Role    | State     | TL | Receive LSN | Lag | Replay LSN | Lag |',
        '+--------+----------+---------+-----------+----+-------------+-----+------------+-----+',
        '| n1     | 10.0.0.1 | Leader  | running   |  4 |             |     |            |     |',
        '| n2     | 10.0.0.2 | Replica | streaming |  4 |   0/5000060 |   0 |  0/5000060 |   0 |',
        '| n3     | 10.0.0.3 | Replica | streaming |  4 |   0/5000060 |   0 |  0/5000060 |   0 |',
        '+--------+----------+---------+-----------+----+-------------+-----+------------+-----+',
        '',
      ].join('\n'),
    );
  });

  test('CTL-2: tab-separated values', () => {
    const [header, ...rows] = list('tsv').split('\n');

    expect(header?.split('\t')).toEqual([
      ...['Cluster', 'Member', 'Host', 'Role', 'State', 'TL'],
      ...['Receive LSN', 'Receive Lag', 'Replay LSN', 'Replay Lag'],
    ]);
    expect(rows[0]).toBe('demo\tn1\t10.0.0.1\tLeader\trunning\t4\t\t\t\t');
    expect(rows[1]).toBe('demo\tn2\t10.0.0.2\tReplica\tstreaming\t4\t0/5000060\t0\t0/5000060\t0');
  });

  test('CTL-3: JSON on one line, without what would print as empty', () => {
    expect(list('json', example)).toBe(
      '[{"Cluster": "demo", "Member": "n1", "Host": "10.0.0.1", "Role": "Leader", "State": "running", "TL": 4}, ' +
        '{"Cluster": "demo", "Member": "n2", "Host": "10.0.0.2", "Role": "Sync Standby", "State": "streaming", "TL": 4, ' +
        '"Receive LSN": "0/5000060", "Receive Lag": 0, "Replay LSN": "0/5000060", "Replay Lag": 0, ' +
        '"Tags": {"clonefrom": true, "zone": "a"}}, ' +
        '{"Cluster": "demo", "Member": "n3", "Host": "10.0.0.3", "Role": "Replica", "State": "stopped", ' +
        '"Receive LSN": "unknown", "Replay LSN": "unknown"}]\n',
    );
  });

  test('CTL-4: YAML with sorted keys and an empty line at the end; yml is the same', () => {
    const text = list('yaml');

    expect(
      text.startsWith('- Cluster: demo\n  Host: 10.0.0.1\n  Member: n1\n  Role: Leader\n  State: running\n  TL: 4\n'),
    ).toBe(true);
    expect(text.endsWith('\n  TL: 4\n\n')).toBe(true);
    expect(list('yml')).toBe(text);
  });

  test('CTL-5: unknown positions are words, their lags empty', () => {
    const rows = list('tsv', { 'members/n2': member({ receive_lsn: null, replay_lsn: null, xlog_location: null }) });

    expect(rows).toContain('demo\tn2\t10.0.0.2\tReplica\tstreaming\t4\tunknown\t\tunknown\t');
  });

  test('CTL-6: lag in whole megabytes, halves to the even one', () => {
    const megabyte = 1_048_576;
    const status = { optime: 100 * megabyte };
    const lags = (receive: number, replay: number): unknown => {
      const positions = { receive_lsn: (100 - receive) * megabyte, replay_lsn: (100 - replay) * megabyte };
      const line = list('tsv', { status, 'members/n2': member(positions) }).split('\n')[2];
      return [line?.split('\t')[7], line?.split('\t')[9]];
    };

    expect(lags(0.5, 1.5)).toEqual(['0', '2']);
    expect(lags(2.5, 2.75)).toEqual(['2', '3']);
  });

  test('CTL-7: a cluster that is not there, and one that is coming', () => {
    const none = {
      leader: null,
      config: null,
      status: null,
      'members/n1': null,
      'members/n2': null,
      'members/n3': null,
    };

    expect(list('pretty', { ...none, initialize: null })).toBe(
      [
        '+ Cluster: demo (uninitialized) ----+-------------+-----+------------+-----+',
        '| Member | Host | Role | State | TL | Receive LSN | Lag | Replay LSN | Lag |',
        '+--------+------+------+-------+----+-------------+-----+------------+-----+',
        '+--------+------+------+-------+----+-------------+-----+------------+-----+',
        '',
      ].join('\n'),
    );
    expect(list('pretty', { ...none, initialize: '' })).toContain(' Cluster: demo (initializing) ');
    expect(list('yaml', { ...none, initialize: null })).toBe('[]\n\n');
    expect(list('json', { ...none, initialize: null })).toBe('[]\n');
  });

  test.each([
    ['CTL-9: a port that is not the usual one', { conn_url: 'postgres://10.0.0.2:5433/postgres' }, '10.0.0.2:5433'],
    ['CTL-10: two members on one host', { conn_url: 'postgres://10.0.0.1:5432/postgres' }, '10.0.0.1:5432'],
  ])('%s makes all hosts show theirs', (_case, change, host) => {
    const hosts = list('tsv', { 'members/n2': member(change) })
      .split('\n')
      .map((line) => line.split('\t')[2]);

    expect(hosts).toEqual(['Host', '10.0.0.1:5432', host, '10.0.0.3:5432', undefined]);
  });

  const long = 'x'.repeat(30);
  const pending = {
    pending_restart: true,
    pending_restart_reason: { a: { old_value: '1', new_value: '2' }, b: { old_value: long, new_value: long } },
  };

  test('CTL-11, CTL-12: a pending restart opens its two columns, and long reasons are hidden from people only', () => {
    const table = list('pretty', { 'members/n2': member(pending) });

    expect(table).toContain('| Pending restart | Pending restart reason |');
    expect(table).toContain('| *               | a: 1->2                |');
    expect(table).toContain('|                 | b: [hidden - too long] |');
    expect(table).not.toContain('Tags');
    expect(list('tsv', { 'members/n2': member(pending) })).toContain(`\t*\ta: 1->2\nb: ${long}->${long}\n`);
  });

  test('CTL-13: a scheduled restart with its condition', () => {
    const scheduled_restart = { schedule: '2031-05-04T10:00:00+00:00', postgres_version: '17.3' };

    expect(list('tsv', { 'members/n2': member({ scheduled_restart }) })).toContain(
      '\t2031-05-04T10:00:00+00:00 if version < 17.3\n',
    );
  });

  test('CTL-14: tags as lines, as flow and as a map', () => {
    expect(list('pretty', example)).toBe(
      [
        '+ Cluster: demo (7400000000000000001) ---------+----+-------------+-----+------------+-----+-----------------+',
        '| Member | Host     | Role         | State     | TL | Receive LSN | Lag | Replay LSN | Lag | Tags            |',
        '+--------+----------+--------------+-----------+----+-------------+-----+------------+-----+-----------------+',
        '| n1     | 10.0.0.1 | Leader       | running   |  4 |             |     |            |     |                 |',
        '+--------+----------+--------------+-----------+----+-------------+-----+------------+-----+-----------------+',
        '| n2     | 10.0.0.2 | Sync Standby | streaming |  4 |   0/5000060 |   0 |  0/5000060 |   0 | clonefrom: true |',
        '|        |          |              |           |    |             |     |            |     | zone: a         |',
        '+--------+----------+--------------+-----------+----+-------------+-----+------------+-----+-----------------+',
        '| n3     | 10.0.0.3 | Replica      | stopped   |    |     unknown |     |    unknown |     |                 |',
        '+--------+----------+--------------+-----------+----+-------------+-----+------------+-----+-----------------+',
        '',
      ].join('\n'),
    );
    expect(list('tsv', example)).toContain('\t{clonefrom: true, zone: a}\n');
    expect(list('yaml', example)).toContain('\n  Tags:\n    clonefrom: true\n    zone: a\n');
  });

  test('CTL-15: extended shows all four optional columns, but not to programs', () => {
    expect(list('pretty', {}, true)).toContain(
      '| Pending restart | Pending restart reason | Scheduled restart | Tags |',
    );
    expect(list('json', {}, true)).not.toContain('Pending');
  });

  test('CTL-16: roles of synchronous modes and of a standby cluster', () => {
    const sync = { leader: 'n1', quorum: 1, sync_standby: 'n2' };
    const lines = (config: JsonObject, change: JsonObject = {}): readonly string[] =>
      list('tsv', {
        config,
        sync,
        'members/n1': member({ conn_url: 'postgres://10.0.0.1:5432/postgres', ...change }),
      }).split('\n');

    expect(lines({ synchronous_mode: true })[2]).toContain('\tSync Standby\tstreaming\t');
    expect(lines({ synchronous_mode: 'quorum' })[2]).toContain('\tQuorum Standby\tstreaming\t');
    expect(lines({ standby_cluster: { host: 'x' } })[1]).toContain('\tStandby Leader\tstreaming\t');
    expect(lines({})[1]).toContain('\tLeader\trunning\t');
  });

  test('CTL-17: pause and a scheduled switchover stand below the table, for people', () => {
    const keys = {
      config: { pause: true },
      failover: { leader: 'n1', member: 'n2', scheduled_at: '2031-05-04T10:00:00+00:00' },
    };

    expect(list('pretty', keys).endsWith(`-+\n${footer}`)).toBe(true);
    expect(list('json', keys)).not.toContain('Maintenance');
    expect(list('tsv', keys)).not.toContain('Maintenance');
  });
});

test.each([
  ['a streaming member has received it', { replication_state: 'streaming' }, ['0/5000060', '0', 'unknown', '']],
  ['another one has replayed it', { replication_state: null }, ['unknown', '', '0/5000060', '0']],
])('the one position of an older agent: %s', (_case, change, cells) => {
  const old = member({ ...change, version: '4.0.4', receive_lsn: null, replay_lsn: null });

  expect(list('tsv', { 'members/n2': old }).split('\n')[2]?.split('\t').slice(6)).toEqual(cells);
});

test('a member without an address opens no column', () => {
  expect(list('pretty', { 'members/n2': { tags: { zone: 'a' } } })).not.toContain('Tags');
});

test('wide characters take two columns and combining ones none', () => {
  const [, , , , wide, plain] = list('pretty', {
    'members/日本é': member({ conn_url: 'postgres://h:5432/x' }),
    'members/n3': null,
  }).split('\n');

  expect(plain?.startsWith('| 日本é ')).toBe(true);
  expect(wide?.startsWith('| n2     |')).toBe(true);
});

describe('topology', () => {
  const tree = (keys: Keys, format: ListFormat = 'pretty'): string =>
    renderList({ name: 'demo', ...plain(keys), format, extended: false, order: 'tree' });
  const names = (keys: Keys): readonly string[] =>
    tree(keys)
      .split('\n')
      .slice(3, -2)
      .map((row) => row.slice(2, row.indexOf('|', 1)).trimEnd());
  const follows = (upstream: string) => member({ tags: { replicatefrom: upstream } });

  test('CTL-20: followers stand below whom they follow', () => {
    expect(tree({ 'members/n3': follows('n2') })).toBe(
      [
        '+ Cluster: demo (7400000000000000001) ---------+----+-------------+-----+------------+-----+---------------------+',
        '| Member | Host          | Role    | State     | TL | Receive LSN | Lag | Replay LSN | Lag | Tags                |',
        '+--------+---------------+---------+-----------+----+-------------+-----+------------+-----+---------------------+',
        '| n1     | 10.0.0.1:5432 | Leader  | running   |  4 |             |     |            |     |                     |',
        '| + n2   | 10.0.0.2:5432 | Replica | streaming |  4 |   0/5000060 |   0 |  0/5000060 |   0 |                     |',
        '|   + n3 | 10.0.0.2:5432 | Replica | streaming |  4 |   0/5000060 |   0 |  0/5000060 |   0 | {replicatefrom: n2} |',
        '+--------+---------------+---------+-----------+----+-------------+-----+------------+-----+---------------------+',
        '',
      ].join('\n'),
    );
  });

  test('CTL-21: without a leader everybody is at the first level', () => {
    expect(names({ leader: null })).toEqual(['+ n1', '+ n2', '+ n3']);
  });

  test('the leader named as upstream, somebody who is gone, or oneself is the leader', () => {
    expect(names({ 'members/n2': follows('n1'), 'members/n3': follows('zz') })).toEqual(['n1', '+ n2', '+ n3']);
    expect(names({ 'members/n2': follows('n2') })).toEqual(['n1', '+ n2', '+ n3']);
  });

  test('members of a circle are shown all the same, and so is who follows one of them', () => {
    const circle = { 'members/n2': follows('n3'), 'members/n3': follows('n2') };

    expect(names(circle)).toEqual(['n1', '+ n2', '+ n3']);
    expect(names({ ...circle, 'members/n4': follows('n3') })).toEqual(['n1', '+ n2', '+ n3', '  + n4']);
  });

  test('programs learn whom a member follows', () => {
    expect(JSON.parse(tree({ 'members/n3': follows('n2') }, 'json'))).toMatchObject([
      { Member: 'n1', Follows: null },
      { Member: 'n2', Follows: 'n1' },
      { Member: 'n3', Follows: 'n2' },
    ]);
  });
});
