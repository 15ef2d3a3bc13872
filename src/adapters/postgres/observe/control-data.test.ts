import { expect, test } from 'vitest';
import { lsn } from '../../../domain/lsn.ts';
import { checkpointEndOf, controlDataOf, parseLabels } from './control-data.ts';

const output = (change: Readonly<Record<string, string>> = {}): string =>
  Object.entries({
    'Database system identifier': '7710548174923817273',
    'Database cluster state': 'shut down',
    'Latest checkpoint location': '0/17414F8',
    "Latest checkpoint's TimeLineID": '1',
    'Minimum recovery ending location': '0/0',
    "Min recovery ending loc's timeline": '0',
    'wal_log_hints setting': 'off',
    'Data page checksum version': '1',
    ...change,
  })
    .map(([label, value]) => `${label}:   ${value}`)
    .join('\n');

const read = (change: Readonly<Record<string, string>> = {}) => controlDataOf(parseLabels(output(change)), null);

test('a cleanly stopped primary', () => {
  expect(read()).toEqual({
    systemId: '7710548174923817273',
    state: 'shut down',
    checkpointLsn: 0x174_14f8n,
    checkpointTimeline: 1,
    checkpointEnd: null,
    minRecoveryEnd: null,
    minRecoveryTimeline: null,
    canRewind: true,
  });
});

test.each([
  ['checksums or hints make pg_rewind possible', { 'wal_log_hints setting': 'on' }, { canRewind: true }],
  ['without both it is not', { 'Data page checksum version': '0' }, { canRewind: false }],
  [
    'a standby has a recovery end',
    { 'Minimum recovery ending location': '0/3000000', "Min recovery ending loc's timeline": '2' },
    { minRecoveryEnd: 0x300_0000n, minRecoveryTimeline: 2 },
  ],
  ['an identifier that is none is not known', { 'Database system identifier': '12' }, { systemId: null }],
])('%s', (_rule, change, expected) => {
  expect(read(change)).toMatchObject(expected);
});

test('a state that nobody knows is no control data', () => {
  expect(read({ 'Database cluster state': 'unrecognized status code' })).toBeNull();
});

const checkpoint = lsn(0x174_14f8n) ?? undefined;
const record = 'rmgr: XLOG        len (rec/tot):    114/   114, tx: 0, lsn: 0/017414F8, prev 0/017414B0, desc: …\n';
const complaint =
  'pg_waldump: error: error in WAL record at 0/17414F8: invalid record length at 0/1741570: wanted 24, got 0\n';

test.each([
  ['the end is where the next record was looked for', record, complaint, 0x174_1570n],
  ['another record behind it is no clean end', `${record}${record}`, '', null],
  ['another complaint is none', record, 'pg_waldump: fatal: could not find file\n', null],
  ['a complaint about another record is none', record, complaint.replace('0/17414F8', '0/1741400'), null],
])('%s', (_rule, stdout, stderr, end) => {
  if (checkpoint === undefined) throw new Error('a test needs its position');
  expect(checkpointEndOf({ stdout, stderr }, checkpoint)).toBe(end);
});
