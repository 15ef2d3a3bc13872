import { expect, test } from 'vitest';
import { fakeOperator, globals } from '../../test/support/fake-operator.ts';
import { clusterKeys } from '../../test/support/node-snapshot.ts';
import type { Json } from '../domain/json.ts';
import { runHandover } from './handover/run-handover.ts';
import { runList } from './list/run-list.ts';
import { runRestart } from './members/run-restart.ts';
import { runPause } from './pause/run-pause.ts';

const config = 'citus: { group: 1, database: app }\netcd3: { hosts: a }\nscope: demo';
const options = { ...globals, storeUrl: null };

/** Two groups below their numbers; a plain cluster's keys in the same place mean nothing. */
function keys(): Readonly<Record<string, Json>> {
  const paused = { config: { pause: true } };
  const group = (number: number, change: Readonly<Record<string, Json>>) =>
    Object.entries(clusterKeys(change)).map(([key, value]) => [`${number}/${key}`, value]);
  return Object.fromEntries([
    ...group(0, {}),
    ...group(1, { ...paused, 'members/n2': null, 'members/n3': null }),
  ]) as Readonly<Record<string, Json>>;
}

async function list(group: number | null, format: 'pretty' | 'tsv' = 'pretty') {
  const { line, seen } = fakeOperator({ config, keys });
  const once = { kind: 'once' } as const;
  const given = { clusters: [], format, extended: false, order: 'names', timestampOn: null, repeat: once } as const;
  await runList({ ...options, ...given, group }, line);
  return seen;
}

test('CTL-22: all groups in one table, with a column that says which, and a footer for each', async () => {
  const { stdout } = await list(null);

  expect(stdout.split('\n')).toMatchObject([
    expect.stringMatching(/^\+ Citus cluster: demo -+\+/),
    expect.stringMatching(/^\| Group \| Member \| /),
    expect.stringMatching(/^\+-+/),
    expect.stringMatching(/^\| {5}0 \| n1 {5}\| 10\.0\.0\.1:5432 \| Leader /),
    expect.stringMatching(/^\| {5}0 \| n2 /),
    expect.stringMatching(/^\| {5}0 \| n3 /),
    expect.stringMatching(/^\| {5}1 \| n1 /),
    expect.stringMatching(/^\+-+/),
    'Citus group: 1',
    ' Maintenance mode: on',
    '',
  ]);
  expect((await list(null, 'tsv')).stdout.split('\n')[1]).toMatch(/^demo\t0\tn1\t/);
});

test('CTL-22: one group has no column, and its number in the title', async () => {
  const { line, seen } = fakeOperator({ config });
  const once = { kind: 'once' } as const;
  const given = { clusters: [], format: 'pretty', extended: false, order: 'names', timestampOn: null } as const;
  await runList({ ...options, ...given, repeat: once, group: 1 }, line);

  expect(seen.stdout).toMatch(/^\+ Citus cluster: demo \(group: 1, 7400000000000000001\) -/);
  expect(seen.stdout).not.toContain('| Group ');
  expect(seen.prefixes).toEqual(['/service/demo/1/']);
});

test('a handover takes place in one group: by force it has to be named, else it is asked for', async () => {
  const handover = { ...options, cluster: null, tool: 'patronictl', format: 'text', handover: 'switchover' } as const;
  const open = { leader: null, candidate: 'n2', scheduled: 'now' } as const;
  const forced = fakeOperator({ config, keys });
  expect(await runHandover({ ...handover, ...open, force: true }, forced.line)).toBe(1);
  expect(forced.seen.stderr).toBe('Error: For Citus clusters the --group must me specified\n');

  const asked = fakeOperator({ config, keys, typed: ['one', '0'] });
  await runHandover({ ...handover, ...open, force: false }, asked.line);
  expect(asked.seen.stdout).toContain('Citus group: \nCitus group: \n');
  expect(asked.seen.stderr).toContain("Error: 'one' is not a valid integer.\n");
  expect(asked.seen.prefixes).toEqual(['/service/demo/', '/service/demo/0/']);
});

test('a role means members of all groups, each as what it is in its own', async () => {
  const { line, seen } = fakeOperator({ config, keys, answers: () => ({ kind: 'answered', status: 200, body: '' }) });
  const given = {
    cluster: 'demo',
    members: [],
    role: 'leader',
    tool: 'patronictl',
    format: 'text',
    force: true,
  } as const;
  const now = { drawOne: null, scheduled: null, pgVersion: null, pending: false, timeout: null } as const;
  await runRestart({ ...options, ...given, ...now }, line);

  expect(seen.stdout.match(/Success: restart on member n1/g)).toHaveLength(2);
});

test('a pause without a group is one of the configured group', async () => {
  const { line, seen } = fakeOperator({ config });
  const given = { cluster: null, tool: 'patronictl', format: 'text', wanted: 'paused', wait: false } as const;
  await runPause({ ...options, ...given }, line);

  expect(seen.prefixes).toEqual(['/service/demo/1/']);
});
