import { expect, test } from 'vitest';
import { parseLsn } from '../../../domain/lsn.ts';
import { checkpointEndOf, controlDataOf, parseLabels } from './control-data.ts';

const output = (change: Readonly<Record<string, string>> = {}): string =>
  Object.entries({
    'Database system identifier': '7710548174923817273',
    'Database cluster state': 'shut down',
    'Latest checkpoint location': '0/17414F8',
    "Latest checkpoint's TimeLineID": '1',
    'Minimum recovery ending location': '0/0',
    "Min recovery ending loc's timeline": '0',
    'Backup start location': '0/0',
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
  [
    'what a rewind left, and the server has not replayed to its end yet',
    { 'Backup start location': '0/4494E90', 'Backup end location': '0/14000050' },
    { beforeBackupEnd: true },
  ],
  ['an identifier that is none is not known', { 'Database system identifier': '12' }, { systemId: null }],
])('%s', (_rule, change, expected) => {
  expect(read(change)).toMatchObject(expected);
});

test('a state that nobody knows is no control data', () => {
  expect(read({ 'Database cluster state': 'unrecognized status code' })).toBeNull();
});

const wal = { page: 8_192n, segment: 16_777_216n };

function dumped({ at, length = 114 }: { readonly at: string; readonly length?: number }) {
  return `rmgr: XLOG        len (rec/tot):    ${length}/   ${length}, tx: 0, lsn: ${at}, prev 0/017414B0, desc: …\n`;
}

test.each([
  ['the end is where the next record would begin', '0/017414F8', dumped({ at: '0/017414F8' }), '0/1741570'],
  ['another record behind it is no clean end', '0/017414F8', dumped({ at: '0/017414F8' }).repeat(2), null],
  ['no record is no clean end', '0/017414F8', '', null],
  ['another record is not the checkpoint', '0/017414F8', dumped({ at: '0/01741400' }), null],
  ['up to the end of its page', '0/01741F88', dumped({ at: '0/01741F88', length: 120 }), '0/1742000'],
  ['over the end of its page, behind the next header', '0/01741F98', dumped({ at: '0/01741F98' }), '0/1742028'],
  ['over the end of its file, behind the longer header', '0/01FFFF98', dumped({ at: '0/01FFFF98' }), '0/2000038'],
])('%s', (_rule, at, stdout, end) => {
  const checkpoint = parseLsn(at);
  if (checkpoint === null) throw new Error('a test needs its position');
  expect(checkpointEndOf({ stdout }, checkpoint, wal)).toBe(end === null ? null : parseLsn(end));
});
