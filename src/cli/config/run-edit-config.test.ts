import { expect, test } from 'vitest';
import { type FakeWorld, fakeOperator, globals } from '../../../test/support/fake-operator.ts';
import type { JsonObject } from '../../domain/json.ts';
import { revision } from '../../domain/names.ts';
import { type EditConfigOptions, runEditConfig } from './run-edit-config.ts';

const stored: JsonObject = { ttl: 30, postgresql: { parameters: { max_connections: 100 } } };

async function edit(options: Partial<EditConfigOptions>, world: FakeWorld = {}) {
  const { line, seen } = fakeOperator({ keys: { config: stored }, ...world });
  const defaults: EditConfigOptions = {
    ...globals,
    cluster: 'demo',
    tool: 'matriarch',
    format: 'text',
    replaceFile: null,
    applyFile: null,
    set: [],
    parameters: [],
    quiet: false,
    force: false,
  };
  const code = await runEditConfig({ ...defaults, ...options }, line);
  expect(seen.open).toBe(0);
  const [write] = seen.writes;
  const put = write?.action.kind === 'put' && write.action.value.kind === 'json' ? write.action.value.json : null;
  return { ...seen, code, put };
}

const force = true;

test('CTL-64: a parameter is read as YAML, the difference shown, and the very version that was read replaced', async () => {
  const { code, stdout, put, writes } = await edit({ parameters: ['wal_log_hints=on'], force });

  expect(put).toEqual({ ttl: 30, postgresql: { parameters: { max_connections: 100, wal_log_hints: true } } });
  expect(stdout).toBe(
    [
      ...['--- ', '+++ ', '@@ -1,4 +1,5 @@', ' postgresql:', '   parameters:', '     max_connections: 100'],
      ...['+    wal_log_hints: true', ' ttl: 30', 'Configuration changed', ''],
    ].join('\n'),
  );
  expect(writes[0]?.when).toEqual([{ kind: 'mod-revision-is', key: 'config', revision: 8n }]);
  expect(code).toBe(0);
});

test('CTL-63: what is there already is no change, and quiet about it when asked to', async () => {
  expect(await edit({ set: ['ttl=30'] })).toMatchObject({ code: 0, stdout: 'Not changed\n', writes: [] });
  expect(await edit({ set: ['ttl=30'], quiet: true })).toMatchObject({ code: 0, stdout: '' });
});

test('CTL-65, CTL-66: a dot in a parameter’s name is part of it, and null removes what becomes empty', async () => {
  expect((await edit({ parameters: ['ext.guc=5'], force })).put).toEqual({
    ttl: 30,
    postgresql: { parameters: { max_connections: 100, 'ext.guc': 5 } },
  });
  expect((await edit({ parameters: ['max_connections=null'], force })).put).toEqual({ ttl: 30 });
  expect((await edit({ set: ['a.b.c=1', 'ttl=null'], parameters: ['max_connections=null'], force })).put).toEqual({
    a: { b: { c: 1 } },
  });
});

test('CTL-67: a setting without an equals sign is none', async () => {
  expect(await edit({ set: ['novalue'] })).toMatchObject({
    code: 1,
    stderr: 'Error: Invalid parameter setting novalue\n',
    writes: [],
  });
});

test('CTL-68: whoever reads standard input cannot be asked', async () => {
  const applied = { applyFile: '-' };
  const asked = await edit(applied, { input: 'ttl: 20\n' });

  expect(asked).toMatchObject({ code: 1, writes: [] });
  expect(asked.stdout).toMatch(/-ttl: 30\n\+ttl: 20\nUse --force option to apply changes\n$/);
  expect((await edit({ ...applied, tool: 'patronictl' }, { input: 'ttl: 20\n' })).code).toBe(0);
  expect((await edit({ ...applied, force }, { input: 'ttl: 20\n' })).put).toEqual({ ...stored, ttl: 20 });
});

test('a file replaces everything; nulls at its top are left out, deeper ones are kept', async () => {
  const files = { '/new': 'a: 1\nb: null\nc:\n  d: null\n' };

  expect((await edit({ replaceFile: '/new', force }, { files })).put).toEqual({ a: 1, c: { d: null } });
  expect(await edit({ replaceFile: '/missing', force })).toMatchObject({
    code: 1,
    stderr: 'Error: The file /missing cannot be read\n',
  });
});

test('CTL-69: somebody else was faster, or the store is not sure', async () => {
  const lost = await edit({ set: ['ttl=60'], force }, { written: { kind: 'conflict', revision: revision(9n) } });
  const unsure = await edit({ set: ['ttl=60'], force }, { written: { kind: 'no-answer', reason: 'timeout' } });

  expect(lost).toMatchObject({ code: 1, stderr: 'Error: Config modification aborted due to concurrent changes\n' });
  expect(unsure.code).toBe(1);
  expect(unsure.stderr).toContain('timeout');
});

test('without an option the editor is opened; the text that it leaves is shown and stored', async () => {
  const edited = (text: string) => text.replace('ttl: 30', 'ttl:   20 # shorter');
  const { code, stdout, put } = await edit({}, { edited, typed: ['y'] });

  expect(stdout).toContain('+ttl:   20 # shorter\nApply these changes? [y/N]: \nConfiguration changed\n');
  expect([code, put]).toEqual([0, { ...stored, ttl: 20 }]);
});

test('what was edited is removed once it is stored, or nobody wants it; what comes to nothing is kept', async () => {
  const shorter = (text: string) => text.replace('ttl: 30', 'ttl: 20');
  expect(await edit({}, { edited: shorter, typed: ['y'] })).toMatchObject({ editedRemoved: 1 });
  expect(await edit({}, { edited: shorter, typed: ['n'] })).toMatchObject({ editedRemoved: 1 });

  const kept = {
    code: 1,
    editedRemoved: 0,
    stderr: expect.stringMatching(/Error: .*\nWhat was edited is kept in \/tmp\/edited.yaml\n$/s),
  };
  expect(await edit({}, { edited: () => 'ttl: [' })).toMatchObject(kept);
  const outrun: FakeWorld = { edited: shorter, typed: ['y'], written: { kind: 'conflict', revision: revision(9n) } };
  expect(await edit({}, outrun)).toMatchObject(kept);
});

test('CTL-70, CTL-41: an editor that fails and an input that ends are errors; a no is only an answer', async () => {
  expect(await edit({})).toMatchObject({ code: 1, stderr: 'Error: Editor exited with return code 1\n' });
  expect(await edit({ set: ['ttl=60'] })).toMatchObject({ code: 1, stderr: 'Aborted!\n', writes: [] });
  expect(await edit({ set: ['ttl=60'] }, { typed: ['what?', 'n'] })).toMatchObject({ code: 1, writes: [] });
  expect(await edit({ set: ['ttl=60'], tool: 'patronictl' }, { typed: [''] })).toMatchObject({ code: 0, writes: [] });
});

test('what no agent would accept is said, under our name', async () => {
  expect((await edit({ set: ['ttl=soon'], force })).stderr).toContain('Warning: agents will not accept this');
  expect((await edit({ set: ['ttl=soon'], force, tool: 'patronictl' })).stderr).toBe('');
  expect((await edit({ set: ['ttl=null', 'postgresql=null'], force })).stderr).toContain('agents will not accept this');
});

test.each([
  ['ttl=1', /^Warning: agents will correct this: ttl=1 can't be smaller than 20$/m],
  ['loop_wait=29', /^Warning: agents will correct this: Violated the rule "loop_wait/m],
  ['maximum_lag_on_failover=3MB', /^Warning: maximum_lag_on_failover: 3MB is not a number of bytes; 1048576 holds$/m],
  ['primary_start_timeout=soon', /^Warning: primary_start_timeout: soon is not a span; its default holds$/m],
])('so is what agents would make of %s', async (set, warning) => {
  expect((await edit({ set: [set], force })).stderr).toMatch(warning);
  expect((await edit({ set: [set], force, tool: 'patronictl' })).stderr).toBe('');
});

test('what agents take as it is needs no warning', async () => {
  const sensible = ['ttl=60', 'maximum_lag_on_failover=2097152', 'primary_start_timeout=5min', 'member_slots_ttl=0'];
  expect((await edit({ set: sensible, force })).stderr).toBe('');
});

test('programs get one object and nothing else', async () => {
  const { stdout } = await edit({ set: ['ttl=20'], force, format: 'json' });

  expect(JSON.parse(stdout)).toEqual({ outcome: 'changed', config: { ...stored, ttl: 20 } });
});

test('a cluster without a configuration is an error', async () => {
  expect(await edit({ set: ['ttl=20'] }, { keys: { config: null } })).toMatchObject({
    code: 1,
    stderr: 'Error: The config key does not exist in the cluster demo\n',
  });
});

test('for programs no editor is opened', async () => {
  const edited = (): never => {
    throw new Error('an editor was opened');
  };

  expect(await edit({ force, format: 'json' }, { edited })).toMatchObject({
    code: 1,
    stdout: '',
    stderr: 'Error: With --json the change has to be given: --set, --pg, --apply or --replace\n',
  });
});
