import { expect, test } from 'vitest';
import { judge, type Verdict } from './parameter-filter.ts';

const program = (version: number) => ({ version, parameterNames: new Set(['vendor_setting', 'work_mem']) });
const accepted = (value: string): Verdict => ({ kind: 'accepted', value });
const invalid: Verdict = { kind: 'dropped', because: 'invalid' };
const unknown: Verdict = { kind: 'dropped', because: 'unknown' };

test.each([
  ['a value in range is written as it was given', 'work_mem', '8MB', accepted('8MB')],
  [
    'PG-21: one below the minimum becomes the minimum, in the own unit',
    'work_mem',
    '1kB',
    { kind: 'limited', value: '64' },
  ],
  ['one above the maximum becomes the maximum', 'port', '70000', { kind: 'limited', value: '65535' }],
  ['what is no number is left out', 'work_mem', 'much', invalid],
  ['a time is no size', 'work_mem', '5min', invalid],
  ['a boolean is written as it was given', 'ssl', 'True', accepted('True')],
  ['PG-22: a single letter is no boolean', 'fsync', 't', invalid],
  ['a real may have a unit', 'vacuum_cost_delay', '2.5ms', accepted('2.5ms')],
  ['a real beyond its limits is limited', 'checkpoint_completion_target', '1.5', { kind: 'limited', value: '1' }],
  ['a listed word is accepted in any case', 'wal_level', 'Replica', accepted('Replica')],
  ['an unlisted one is not', 'wal_level', 'full', invalid],
  ['a boolean may stand for a word', 'synchronous_commit', 'on', accepted('on')],
  ['a word may stand for a boolean', 'synchronous_commit', 'remote_apply', accepted('remote_apply')],
  ['PG-22: an unknown name is left out', 'nosuch', 'x', unknown],
  ['PG-22: an extension is trusted', 'my.x', 'anything', accepted('anything')],
  ['but not with a name that no file can hold', 'my-extension.x', 'anything', unknown],
  ['nor with one of three parts', 'my.x.y', 'anything', unknown],
  ['what the server itself describes is trusted', 'vendor_setting', 'x', accepted('x')],
] as const)('%s', (_rule, name, value, verdict) => {
  expect(judge(name, value, program(160_004))).toEqual(verdict);
});

test.each([
  ['transaction_timeout', '1s', 160_000, unknown],
  ['transaction_timeout', '1s', 170_000, accepted('1s')],
  ['promote_trigger_file', 'x', 160_000, unknown],
  ['wal_compression', 'lz4', 150_000, accepted('lz4')],
  ['wal_compression', 'lz4', 140_000, invalid],
  ['stats_temp_directory', 'x', 140_000, accepted('x')],
  ['stats_temp_directory', 'x', 150_000, unknown],
  ['restrict_nonsystem_relation_kind', '', 150_007, unknown],
  ['restrict_nonsystem_relation_kind', '', 150_008, accepted('')],
])('%s = %j in version %i', (name, value, version, verdict) => {
  expect(judge(name, value, program(version))).toEqual(verdict);
});
