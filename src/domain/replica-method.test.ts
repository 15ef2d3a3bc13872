import { expect, test } from 'vitest';
import { replicaMethods, withoutLeader } from './replica-method.ts';

test('without a list there is one method, with its options', () => {
  expect(replicaMethods(undefined, {}, ['--verbose'])).toEqual([{ kind: 'basebackup', options: ['--verbose'] }]);
  expect(replicaMethods([], {}, [])).toEqual([{ kind: 'basebackup', options: [] }]);
});

test('PG-51: methods keep their order', () => {
  const methods = replicaMethods(['x', 'basebackup'], { x: { command: '/bin/x' } }, []);
  expect(methods).toMatchObject([{ name: 'x', command: '/bin/x' }, { kind: 'basebackup' }]);
});

test('a name without a section, or without a command in it, is the command', () => {
  expect(replicaMethods(['a', 'b'], { b: { threads: 4 } }, [])).toMatchObject([
    { command: 'a', options: [] },
    { command: 'b', options: ['--threads=4'] },
  ]);
});

test('PG-52: a command gets all settings of its section, as Patroni writes them', () => {
  const section = { command: 'c', keep_data: true, no_leader: false, config: '/etc/x y' };
  expect(replicaMethods(['m'], { m: section }, [])).toMatchObject([
    { options: ['--keep_data=True', '--no_leader=False', '--config=/etc/x y'], tellsPlace: true, keepsData: true },
  ]);
});

test('with no_params it gets nothing but what is its own', () => {
  const section = { command: 'c', no_params: true, keep_data: true, no_leader: true, config: 'x' };
  expect(replicaMethods(['m'], { m: section }, [])).toMatchObject([
    { options: ['--config=x'], tellsPlace: false, keepsData: true, needsNoLeader: true },
  ]);
});

test('PG-53: without a leader only those are left that need none', () => {
  const methods = replicaMethods(['basebackup', 'a', 'b'], { a: { no_leader: true }, b: {} }, []);
  expect(withoutLeader(methods)).toMatchObject([{ name: 'a' }]);
});
