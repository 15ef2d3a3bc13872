import { expect, test } from 'vitest';
import { slotName } from '../../../domain/names.ts';
import { recoverySettings } from './recovery-settings.ts';

const config = {
  replication: { username: 'replicator', password: 'secret', connection: {} },
  pgpassFile: '/p/pgpass',
  section: {},
};
const upstream = { member: 'a', host: 'n1', port: 5432, database: 'postgres', applicationName: 'b' };
const standby = { upstream, slot: slotName('b'), recovery: {} };

test('PG-34: a standby follows the latest timeline of its upstream, with the password in a file', () => {
  const settings = recoverySettings(standby, config, 16);
  expect(settings).toMatchObject({
    recovery_target_timeline: 'latest',
    recovery_target_lsn: '',
    primary_slot_name: 'b',
  });
  expect(settings['primary_conninfo']).toContain('passfile=/p/pgpass');
  expect(settings['primary_conninfo']).not.toContain('secret');
});

test('PG-37: configured recovery targets, upstreams and slots never reach a standby', () => {
  const recovery = {
    recovery_target_time: '2020-01-01',
    primary_slot_name: 'x',
    restore_command: 'cp /a/%f %p',
    nonsense: '1',
  };
  const settings = recoverySettings({ ...standby, slot: null, recovery }, config, 16);
  expect(settings['recovery_target_time']).toBe('');
  expect(settings['primary_slot_name']).toBe('');
  expect(settings).not.toHaveProperty('nonsense');
  expect(settings['restore_command']).toBe('cp /a/%f %p');
});

test('a standby without an upstream follows nobody, whatever an included file says', () => {
  const settings = recoverySettings({ ...standby, upstream: null }, config, 16);
  expect(settings).toMatchObject({ primary_conninfo: '', primary_slot_name: '' });
});
