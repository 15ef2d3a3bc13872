import { expect, test } from 'vitest';
import { WALL_NOW } from '../../../test/support/node-snapshot.ts';
import { leaseId, revision, storeKey } from '../../domain/names.ts';
import { instant } from '../../domain/time.ts';
import type { OperatorStore, ReadOutcome } from '../../ports/store.ts';
import type { CommandLine } from '../command-line.ts';
import { localTime } from '../local-time.ts';
import { type ListOptions, runList } from './run-list.ts';

const defaults: ListOptions = {
  configFile: null,
  storeUrl: 'etcd3://127.0.0.1:2379/db',
  insecure: false,
  group: null,
  clusters: [],
  format: 'tsv',
  extended: false,
  order: 'names',
  timestampOn: null,
  repeat: { kind: 'once' },
};

type World = {
  readonly files?: Readonly<Record<string, readonly string[]>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly read?: ReadOutcome | ((reads: number) => ReadOutcome);
  readonly isTerminal?: boolean;
  /** After so many rounds sleeping fails, which ends the command. */
  readonly rounds?: number;
};

const pair = {
  key: storeKey('members/n1'),
  value: '{"state":"running"}',
  lease: leaseId('1'),
  createRevision: revision(1n),
  modRevision: revision(1n),
};
const oneMember: ReadOutcome = { kind: 'read', revision: revision(1n), pairs: [pair] };

async function list(options: Partial<ListOptions>, world: World = {}) {
  const seen = { stdout: '', stderr: '', prefixes: [] as string[], sleeps: [] as number[], open: 0, reads: 0 };
  const store: Pick<OperatorStore, 'read' | 'close'> = {
    read: () => {
      seen.reads += 1;
      const { read = oneMember } = world;
      return Promise.resolve(typeof read === 'function' ? read(seen.reads) : read);
    },
    close: () => {
      seen.open -= 1;
      return Promise.resolve();
    },
  };
  const commandLine: CommandLine = {
    stdout: { isTerminal: world.isTerminal ?? false, write: (text) => (seen.stdout += text) },
    stderr: { isTerminal: false, write: (text) => (seen.stderr += text) },
    environment: world.environment ?? {},
    files: {
      defaultPath: '/home/me/.config/patroni/patronictl.yaml',
      read: (path) => {
        const texts = world.files?.[path];
        return texts === undefined ? { kind: 'unreadable' } : { kind: 'read', texts };
      },
    },
    // A store that does not answer takes its time.
    now: () => instant(seen.reads * 20_000),
    wallNow: () => WALL_NOW,
    sleep: (milliseconds) => {
      seen.sleeps.push(milliseconds);
      return seen.sleeps.length < (world.rounds ?? 0) ? Promise.resolve() : Promise.reject(new Error('interrupted'));
    },
    openStore: (_config, prefix) => {
      seen.prefixes.push(prefix);
      seen.open += 1;
      return store as OperatorStore;
    },
  };
  const code = await runList({ ...defaults, ...options }, commandLine).catch(() => 'interrupted');
  expect(seen.open).toBe(0);
  return { ...seen, code };
}

const header = 'Cluster\tMember\tHost\tRole\tState\tTL\tReceive LSN\tReceive Lag\tReplay LSN\tReplay Lag\n';

test('CTL-8: without any name there is nothing on stdout, a warning on stderr and success', async () => {
  const { code, stdout, stderr } = await list({});

  expect([code, stdout]).toEqual([0, '']);
  expect(stderr).toBe(`${localTime(WALL_NOW)} - WARNING - Listing members: No cluster names were provided\n`);
});

test('the configured scope is what is listed without a name; several names come one after another', async () => {
  const files = { '/f': ['scope: mine\nnamespace: /db/\netcd3: {hosts: a}'] };
  const scope = await list({ configFile: '/f', storeUrl: null }, { files });

  expect([scope.code, scope.prefixes]).toEqual([0, ['/db/mine/']]);
  expect(scope.stdout.startsWith(`${header}mine\tn1\t`)).toBe(true);
  expect((await list({ clusters: ['x', 'y'] })).prefixes).toEqual(['/db/x/', '/db/y/']);
});

test('CTL-18: the time comes first, in every format', async () => {
  const { stdout } = await list({ clusters: ['x'], format: 'json', timestampOn: 'stdout' });

  expect(stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\n\[\{"Cluster": "x"/);
});

test('repeating goes on until it is interrupted, on a terminal with a clear screen', async () => {
  const every = { kind: 'every', milliseconds: 500 } as const;
  const repeated = await list({ clusters: ['x'], repeat: every }, { rounds: 3 });

  expect([repeated.code, repeated.reads, repeated.sleeps]).toEqual(['interrupted', 3, [500, 500, 500]]);
  expect(repeated.stdout).not.toContain('\x1b');
  const shown = await list({ clusters: ['x'], repeat: every }, { rounds: 1, isTerminal: true });
  expect(shown.stdout.startsWith('\x1b[2J')).toBe(true);
});

test('a store that does not answer for a while ends nobody’s looking on, and is told', async () => {
  const away = { kind: 'refused', reason: 'no leader' } as const;
  const every = { kind: 'every', milliseconds: 500 } as const;
  const options = { clusters: ['x'], repeat: every };
  const { code, reads, stderr } = await list(options, { rounds: 3, read: (at) => (at === 2 ? away : oneMember) });

  expect([code, reads]).toEqual(['interrupted', 3]);
  expect(stderr).toBe('Error: Can not read cluster x: no leader\n');
  expect((await list(options, { rounds: 3, read: away })).code).toBe(1);
});

test('a store that does not answer is an error and not an empty cluster', async () => {
  const { code, stdout, stderr } = await list({ clusters: ['x'] }, { read: { kind: 'no-answer', reason: 'timeout' } });

  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toBe('Error: Can not read cluster x: timeout\n');
});

test('CTL-23: a file that was named has to be there, the default one has not', async () => {
  const { code, stderr } = await list({ configFile: '/missing', clusters: ['x'] });

  expect([code, stderr]).toEqual([
    1,
    'Error: Provided config file /missing not existing or no read rights. Check the -c/--config-file parameter\n',
  ]);
  expect((await list({ clusters: ['x'] })).code).toBe(0);
});

test('CTL-25: -c beats the variable, which beats the default file', async () => {
  const files = {
    '/option': ['scope: option\netcd3: {hosts: a}'],
    '/variable': ['scope: variable\netcd3: {hosts: a}'],
    '/home/me/.config/patroni/patronictl.yaml': ['scope: default\netcd3: {hosts: a}'],
  };
  const prefixes = async (configFile: string | null, environment: Readonly<Record<string, string>>): Promise<unknown> =>
    (await list({ configFile, storeUrl: null }, { files, environment })).prefixes;

  expect(await prefixes('/option', { PATRONICTL_CONFIG_FILE: '/variable' })).toEqual(['/service/option/']);
  expect(await prefixes(null, { PATRONICTL_CONFIG_FILE: '/variable' })).toEqual(['/service/variable/']);
  expect(await prefixes(null, { PATRONICTL_CONFIG_FILE: '' })).toEqual(['/service/default/']);
});
