import { expect, test } from 'vitest';
import { belowControl, commandLine, derivedParameters, raisedToControl } from './server-parameters.ts';

const own = { clusterName: 'demo', listenAddresses: '*', port: 5433, configDir: '/c' };

test.each([
  ['the agent knows its own addresses', { port: '1', cluster_name: 'x' }, { port: '5433', cluster_name: 'demo' }],
  ['PG-24: wal_level has its modern name', { wal_level: 'hot_standby' }, { wal_level: 'replica' }],
  ['PG-23: segments to keep become a size', { wal_keep_segments: '20' }, { wal_keep_size: '320MB' }],
  ['PG-23: WAL is kept also where nobody says how much', {}, { wal_keep_size: '128MB' }],
  ['a size given wins', { wal_keep_segments: '20', wal_keep_size: '1GB' }, { wal_keep_size: '1GB' }],
  ['relative paths start in the configuration directory', { hba_file: 'my.conf' }, { hba_file: '/c/my.conf' }],
])('%s', (_rule, desired, expected) => {
  const parameters = derivedParameters(desired, own);
  expect(parameters).toMatchObject(expected);
  expect(parameters).not.toHaveProperty('wal_keep_segments');
});

test('PG-25: a standby never starts with less than its primary had', () => {
  const control = new Map([
    ['max_connections setting', '200'],
    ['max_wal_senders setting', '5'],
  ]);
  const result = raisedToControl({ max_connections: '100', max_wal_senders: '10' }, control);
  expect(result.parameters).toEqual({ max_connections: '200', max_wal_senders: '10' });
  expect(result.raised).toEqual([{ name: 'max_connections', oldValue: '200', newValue: '100' }]);
});

test('PG-7: what must not be contradicted by a file is on the command line, in a fixed order', () => {
  const parameters = {
    wal_log_hints: 'on',
    port: '5433',
    listen_addresses: '*',
    wal_keep_size: '1GB',
    work_mem: '1MB',
  };
  expect(commandLine({ dataDir: '/d', configFile: '/d/postgresql.conf', parameters })).toEqual([
    '-D',
    '/d',
    '--data-directory=/d',
    '--config-file=/d/postgresql.conf',
    '--listen_addresses=*',
    '--port=5433',
    '--wal_log_hints=on',
  ]);
});

test.each([
  ['more connections than here', 'max_connections setting', '200', ['max_connections']],
  ['as many', 'max_connections setting', '100', []],
  ['fewer', 'max_connections setting', '50', []],
  ['something that is not known here', 'max_worker_processes setting', '16', []],
])('a running standby is short of what its primary has: %s', (_rule, label, value, names) => {
  expect(belowControl({ max_connections: '100' }, new Map([[label, value]]))).toEqual(names);
});
