import { expect, test } from 'vitest';
import { type FakeWorld, fakeOperator, globals } from '../../../test/support/fake-operator.ts';
import { runShowConfig, type ShowConfigOptions } from './run-show-config.ts';

async function show(options: Partial<ShowConfigOptions> = {}, world: FakeWorld = {}) {
  const { line, seen } = fakeOperator(world);
  const defaults = { ...globals, cluster: 'demo', tool: 'matriarch', format: 'yaml' } as const;
  return { code: await runShowConfig({ ...defaults, ...options }, line), ...seen };
}

test('CTL-71: YAML with an empty line behind it, a text that looks like a switch in quotes', async () => {
  const keys = { config: { ttl: 30, postgresql: { parameters: { wal_log_hints: 'on' } } } };

  expect(await show({}, { keys })).toMatchObject({
    code: 0,
    stdout: "postgresql:\n  parameters:\n    wal_log_hints: 'on'\nttl: 30\n\n",
  });
  expect((await show({ format: 'json' }, { keys })).stdout).toBe(
    '{"ttl": 30, "postgresql": {"parameters": {"wal_log_hints": "on"}}}\n',
  );
});

test('nothing stored is an error, but nothing at all under the other name', async () => {
  expect((await show({}, { keys: { config: null } })).code).toBe(1);
  expect(await show({ tool: 'patronictl' }, { keys: { config: null } })).toMatchObject({ code: 0, stdout: '' });
  expect((await show({}, { keys: { config: 'garbage' } })).stderr).toContain('cannot be read');
});
