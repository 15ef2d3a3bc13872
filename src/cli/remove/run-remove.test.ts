import { expect, test } from 'vitest';
import { type FakeWorld, fakeOperator, globals } from '../../../test/support/fake-operator.ts';
import { type RemoveOptions, runRemove } from './run-remove.ts';

async function remove(typed: readonly string[], options: Partial<RemoveOptions> = {}, world: FakeWorld = {}) {
  const { line, seen } = fakeOperator({ typed, ...world });
  const defaults = { ...globals, cluster: 'demo', tool: 'patronictl', format: 'pretty' } as const;
  return { code: await runRemove({ ...defaults, ...options }, line), ...seen };
}

test('CTL-72: three right answers delete the prefix, and nothing more is printed', async () => {
  const { code, stdout, stderr, removed } = await remove(['demo', 'Yes I am aware', 'n1']);

  expect([code, stderr, removed]).toEqual([0, '', 1]);
  expect(stdout).toMatch(/^\+ Cluster: demo /);
  expect(stdout.split('\n').slice(-4)).toEqual([
    'Please confirm the cluster name to remove: ',
    'You are about to remove all information in DCS for demo, please type: "Yes I am aware": ',
    'This cluster currently is healthy. Please specify the leader name to continue: ',
    '',
  ]);
});

test.each([
  [['dem'], 'Error: Cluster names specified do not match'],
  [['demo', 'yes'], 'Error: You did not exactly type "Yes I am aware"'],
  [['demo', 'Yes I am aware', 'n2'], 'Error: You did not specify the current leader of the cluster'],
  [['demo'], 'Aborted!'],
])('CTL-72: %j deletes nothing', async (typed, complaint) => {
  expect(await remove(typed)).toMatchObject({ code: 1, stderr: `${complaint}\n`, removed: 0 });
});

test.each(['/', '//', ''])('what is no name but a part of every path (%j) removes nothing', async (cluster) => {
  const { code, removed, stderr, prefixes } = await remove([cluster, 'Yes I am aware', 'n1'], { cluster });

  expect([code, removed, prefixes]).toEqual([1, 0, []]);
  expect(stderr).toMatch(/^Error: /);
});

test('with nobody leading the last question is not asked', async () => {
  expect(await remove(['demo', 'Yes I am aware'], {}, { keys: { leader: null } })).toMatchObject({
    code: 0,
    removed: 1,
  });
});

test('a store that does not confirm is an error under either name', async () => {
  const written = { kind: 'no-answer', reason: 'late' } as const;
  const { code, stderr } = await remove(['demo', 'Yes I am aware', 'n1'], {}, { written });

  expect([code, stderr.includes('did not confirm the removal (late)')]).toEqual([1, true]);
});

test('a whole Citus cluster is not removed: its groups are, one by one', async () => {
  const config = 'citus: { group: 0, database: app }\netcd3: { hosts: a }';
  const options = { storeUrl: null };

  expect(await remove([], options, { config })).toMatchObject({
    code: 1,
    stderr: 'Error: For Citus clusters the --group must me specified\n',
  });
  expect(await remove(['demo', 'Yes I am aware', 'n1'], { ...options, group: 0 }, { config })).toMatchObject({
    removed: 1,
  });
});
