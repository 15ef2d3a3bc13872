import { expect, test } from 'vitest';
import { features, majorOf, parseMajorVersion, parseToolVersion } from './version.ts';

test.each([
  ['15\n', 15],
  ['9.6\n', 9],
  ['', null],
  ['fifteen', null],
])('PG_VERSION %j is major %j', (text, major) => {
  expect(parseMajorVersion(text)).toBe(major);
});

test.each([
  ['postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)', 150_018],
  ['postgres (PostgreSQL) 17.2', 170_002],
  ['postgres (PostgreSQL) 18beta1', 180_000],
  ['initdb 15', null],
])('%j is version %j', (text, version) => {
  expect(parseToolVersion(text)).toBe(version);
});

test.each([
  [13, []],
  [14, ['restoreCommandReloads', 'idleSessionTimeout', 'conninfoSslCrlDir']],
  [
    15,
    [
      'restoreCommandReloads',
      'idleSessionTimeout',
      'rewindTakesConfigFile',
      'basebackupServerCompression',
      'checkpointerShowsItsDelay',
      'conninfoSslCrlDir',
    ],
  ],
  [
    16,
    [
      'restoreCommandReloads',
      'idleSessionTimeout',
      'rewindTakesConfigFile',
      'basebackupServerCompression',
      'checkpointerShowsItsDelay',
      'conninfoSslCrlDir',
    ],
  ],
])('version %i can do %j', (major, expected) => {
  expect(featuresOf(major)).toEqual(expected);
});

test.each([
  [17, ['syncedSlots', 'loginTriggers', 'transactionTimeout', 'conninfoSslNegotiation']],
  [18, []],
  [19, ['checkpointFlushesUnlogged']],
])('version %i brings %j', (major, expected) => {
  const before = featuresOf(major - 1);
  expect(featuresOf(major).filter((name) => !before.includes(name))).toEqual(expected);
});

test('the major of a server version number', () => {
  expect(majorOf(150_018)).toBe(15);
});

function featuresOf(major: number): readonly string[] {
  return Object.entries(features)
    .filter(([, since]) => since(major))
    .map(([name]) => name);
}
