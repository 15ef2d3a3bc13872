import { expect, test } from 'vitest';
import { monitoringQuery } from './monitoring-query.ts';
import { parseMonitoringRow, parsePendingRestart } from './monitoring-row.ts';

const primary = {
  in_recovery: 'f',
  version: '150018',
  primary_timeline: '0000000A',
  flush_lsn: '1/0',
  replay_lsn: null,
  receive_lsn: null,
  replays: null,
  replay_paused: 'f',
  replayed_at_ms: null,
  wal_receiver: null,
  sync_names: '',
  checkpointer_works: 'f',
  primary_conninfo: '',
  primary_slot_name: '',
  has_restore_command: 'f',
  wal_senders: '[]',
  slots: '[]',
};
const standby = {
  ...primary,
  in_recovery: 't',
  primary_timeline: null,
  limits:
    '{"max_connections":"50","max_prepared_transactions":"0","max_locks_per_transaction":"64",' +
    '"max_worker_processes":"8","max_wal_senders":"10"}',
  flush_lsn: null,
  replay_lsn: '0/5000060',
  receive_lsn: '0/5000000',
  replays: 't',
  primary_conninfo: "user=r host=n1 port=6000 application_name='b'",
  primary_slot_name: 'b',
  wal_receiver: '{"status":"streaming","timeline":10,"written_lsn":"0/5000100","latest_end_lsn":"0/5000060"}',
};

test('a primary says its timeline and where its WAL ends', () => {
  expect(parseMonitoringRow(primary)).toMatchObject({ kind: 'primary', timeline: 10, flushLsn: 1n << 32n });
});

test('a standby has received what its WAL receiver has written', () => {
  expect(parseMonitoringRow(standby)).toMatchObject({
    kind: 'standby',
    receiveLsn: 0x500_0100n,
    replayLsn: 0x500_0060n,
    walReceiver: { status: 'streaming', timeline: 10 },
    upstream: { host: 'n1', port: 6000, slot: 'b' },
  });
});

test('a checkpointer at work may not have read the configuration', () => {
  for (const row of [primary, standby]) {
    expect(parseMonitoringRow({ ...row, checkpointer_works: 't' })).toMatchObject({ isCheckpointerBusy: true });
    expect(parseMonitoringRow(row)).not.toHaveProperty('isCheckpointerBusy');
  }
});

test('a timeline is not known before anything was received on it', () => {
  const waiting = '{"status":"waiting","timeline":10,"written_lsn":"0/0","latest_end_lsn":null}';
  expect(parseMonitoringRow({ ...standby, wal_receiver: waiting })).toMatchObject({ walReceiver: { timeline: null } });
});

test('what has not been received is not known, and not zero', () => {
  const alone = { ...standby, receive_lsn: null, wal_receiver: null, primary_conninfo: '' };
  expect(parseMonitoringRow(alone)).toMatchObject({ receiveLsn: null, walReceiver: null, upstream: null });
});

test('a standby that has received nothing and replays yet is on old WAL', () => {
  const alone = { ...standby, receive_lsn: null, wal_receiver: null };
  expect(parseMonitoringRow(alone)).toMatchObject({ isOnOldWal: true });
  expect(parseMonitoringRow({ ...alone, replays: 'f' })).not.toHaveProperty('isOnOldWal');
  expect(parseMonitoringRow(standby)).not.toHaveProperty('isOnOldWal');
});

test('a standby that replays yet has whole records that it received before', () => {
  const late = { ...standby, replay_lsn: '0/1' };
  expect(parseMonitoringRow({ ...late, replays: 't' })).toMatchObject({ isReplaying: true });
  expect(parseMonitoringRow({ ...late, replays: 'f' })).not.toHaveProperty('isReplaying');
  expect(parseMonitoringRow({ ...late, replays: 't', receive_lsn: null })).not.toHaveProperty('isReplaying');
});

test('walsenders and slots are read', () => {
  const sender = {
    pid: 7,
    user: 'r',
    application_name: 'b',
    client_address: null,
    state: 'streaming',
    sync_state: 'async',
    sync_priority: 0,
    write_lsn: '0/1',
    flush_lsn: '0/1',
    replay_lsn: null,
  };
  const slot = {
    name: 'b',
    type: 'physical',
    active: true,
    restart_lsn: '0/1',
    confirmed_flush_lsn: null,
    has_xmin: false,
    database: null,
    plugin: null,
    is_lost: false,
  };
  const logical = { ...slot, name: 'cdc', type: 'logical', database: 'shop', plugin: 'pgoutput', is_lost: true };
  // PostgreSQL 17 and later.
  const synced = { ...logical, name: 'f', is_lost: false, failover: true, synced: true };
  const row = {
    ...primary,
    wal_senders: JSON.stringify([sender]),
    slots: JSON.stringify([slot, logical, synced, { ...synced, synced: false }, { ...synced, failover: false }]),
  };
  expect(parseMonitoringRow(row)).toMatchObject({
    walSenders: [{ pid: 7, applicationName: 'b', flushLsn: 1n, replayLsn: null }],
    slots: [
      { name: 'b', type: 'physical', active: true, restartLsn: 1n, hasXmin: false },
      { name: 'cdc', type: 'logical', database: 'shop', plugin: 'pgoutput', isLost: true },
      { name: 'f', failover: 'synced' },
      { failover: 'own' },
      {},
    ],
  });
  const [physical, , , , plain] = parseMonitoringRow(row).slots;
  expect(physical).not.toHaveProperty('database');
  expect(plain).not.toHaveProperty('failover');
});

test.each([
  [16, false],
  [17, true],
])('PostgreSQL %i is asked what it synchronises by itself: %s', (major, isAsked) => {
  expect(/'failover', failover, 'synced', synced/.test(monitoringQuery(major))).toBe(isAsked);
});

test('a primary that does not say where it is, is an error and not a position', () => {
  expect(() => parseMonitoringRow({ ...primary, flush_lsn: null })).toThrow();
});

test.each([
  ['a field that is missing', { replay_paused: undefined }, 'replay_paused is not one of t, f: missing'],
  ['a text that is no position', { replay_lsn: 'x' }, 'replay_lsn is not a WAL position: "x"'],
  ['a number that is text', { wal_senders: '[{"pid":"7"}]' }, 'pid is not a number: "7"'],
  ['an object where a list belongs', { slots: '{}' }, 'slots is not a list: {}'],
])('%s is named in the error', (_rule, difference, message) => {
  expect(() => parseMonitoringRow({ ...standby, ...difference })).toThrow(message);
});

const setting = (name: string, value: string, wanted: string | null, flag = 'f') => ({
  name,
  value,
  wanted,
  pending_restart: flag,
});
const isControlled = (name: string): boolean => name === 'max_connections' || name === 'hot_standby';

test.each([
  ['what the server says', setting('shared_buffers', '128MB', '256MB', 't'), ['shared_buffers']],
  [
    'a parameter of the command line with another value in the file',
    setting('max_connections', '50', '60'),
    ['max_connections'],
  ],
  ['the same value in other words is no change', setting('hot_standby', 'on', 'True'), []],
  ['the same number in other figures is no change', setting('max_connections', '64', '0x40'), []],
  ['what steers recovery comes and goes with the role', setting('recovery_target_lsn', '', null, 't'), []],
  ['others on the command line are not ours', setting('work_mem', '4MB', '8MB'), []],
])('a restart is pending for %s', (_rule, row, names) => {
  const server = { kind: 'standby', major: 16 } as const;
  expect(parsePendingRestart([row], server, isControlled).map((each) => each.name)).toEqual(names);
});

test.each([
  ['a standby of version 13 keeps its restore_command until a restart', 'standby', 13, ['restore_command']],
  ['a primary of version 13 has no use for it', 'primary', 13, []],
  ['from version 14 on a reload is enough', 'standby', 14, []],
] as const)('PG-38: %s', (_rule, kind, major, names) => {
  const row = setting('restore_command', 'cp /old/%f %p', 'cp /new/%f %p', 't');
  expect(parsePendingRestart([row], { kind, major }, isControlled).map((each) => each.name)).toEqual(names);
});
