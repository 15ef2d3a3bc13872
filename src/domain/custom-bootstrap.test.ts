import { expect, test } from 'vitest';
import { bootstrapArguments, customBootstrap, isClosedWhileRecovering } from './custom-bootstrap.ts';
import type { JsonObject } from './json.ts';

const place = { scope: 'demo', dataDir: '/data' };
function method(section: JsonObject) {
  const made = customBootstrap('pitr', { command: '/bin/restore', ...section });
  if (made === null) throw new Error('it has a command');
  return made;
}

test('PG-47: the command is told scope, data directory and its own settings', () => {
  expect(bootstrapArguments(method({ arg1: 'x y', n: 3 }), place)).toEqual([
    '--scope=demo',
    '--datadir=/data',
    '--arg1=x y',
    '--n=3',
  ]);
});

test('PG-47: with no_params only its own settings, and never ours', () => {
  const section = { no_params: true, arg1: 'x', scope: 'a', datadir: 'b', keep_existing_recovery_conf: true };
  expect(bootstrapArguments(method(section), place)).toEqual(['--arg1=x']);
});

test('a section without a command is no method', () => {
  expect(customBootstrap('pitr', { command: '' })).toBeNull();
});

test('what is recovered: nothing, what the command left, or what is configured', () => {
  expect(method({}).recovery).toEqual({ kind: 'none' });
  expect(method({ recovery_conf: {}, keep_existing_recovery_conf: true }).recovery).toEqual({ kind: 'kept' });
  const recovery_conf = { Restore_Command: 'cp', recovery_target_inclusive: false, standby_mode: 'off' };
  expect(method({ recovery_conf, keep_existing_recovery_conf: true }).recovery).toEqual({
    kind: 'settings',
    settings: { restore_command: 'cp', recovery_target_inclusive: 'False' },
    signal: 'recovery',
  });
  expect(method({ recovery_conf: { standby_mode: 'on' } }).recovery).toMatchObject({ signal: 'standby' });
});

test('PG-48: it rejects connections while it recovers, when it promotes itself afterwards', () => {
  const closed = (recovery_conf: JsonObject): boolean => isClosedWhileRecovering(method({ recovery_conf }).recovery);
  expect(closed({ recovery_target_action: 'promote' })).toBe(true);
  expect(closed({ pause_at_recovery_target: false, restore_command: 'cp' })).toBe(true);
  expect(closed({ pause_at_recovery_target: true })).toBe(false);
  expect(closed({ restore_command: 'cp' })).toBe(false);
  expect(isClosedWhileRecovering({ kind: 'kept' })).toBe(true);
  expect(isClosedWhileRecovering({ kind: 'none' })).toBe(false);
});
