import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { replicaMethods } from '../../src/domain/replica-method.ts';
import { millis, seconds } from '../../src/domain/time.ts';
import { becomeOrdinaryUser } from '../support/ordinary-user.ts';
import { desired, postgresBinDir, type RealMember, realMember, taskContext } from '../support/postgres.ts';

let folder = '';
const members: RealMember[] = [];
beforeAll(() => {
  becomeOrdinaryUser();
  folder = mkdtempSync(join(tmpdir(), 'matriarch-methods-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  for (const member of members.splice(0)) await member.end();
});

async function member(name: string): Promise<RealMember> {
  const made = await realMember(name);
  members.push(made);
  return made;
}

async function primary(): Promise<RealMember> {
  const a = await member('a');
  await a.postgres.run({ kind: 'bootstrap', desired: desired(null) }, taskContext());
  return a;
}

/** A command that says what it was called with, then does `work`. */
function script(name: string, work: string): { readonly command: string; readonly said: () => string } {
  const path = join(folder, name);
  const log = `${path}.said`;
  writeFileSync(
    path,
    `#!/bin/bash\nprintf '%s\\n' "$@" "PGPASSFILE=$(cat "$PGPASSFILE" 2>/dev/null)" > ${log}\n${work}\n`,
    {
      mode: 0o755,
    },
  );
  return { command: path, said: () => readFileSync(log, 'utf8') };
}

function clone(b: RealMember, from: RealMember | null, names: readonly string[], sections = {}) {
  return b.postgres.run(
    {
      kind: 'clone',
      from: from === null ? null : from.upstream(b.name),
      methods: replicaMethods(names, sections, []),
      patience: seconds(10),
    },
    taskContext(),
  );
}

const copies = `for each; do case $each in --datadir=*) dir=\${each#*=};; --connstring=*) from=\${each#*=};; esac; done
exec ${join(postgresBinDir(), 'pg_basebackup')} -D "$dir" -d "$from" -X stream -c fast`;

test('PG-51: a method that fails leaves an empty directory to the next one', async () => {
  const a = await primary();
  const b = await member('b');
  const broken = script(
    'broken',
    'for each; do case $each in --datadir=*) touch "${each#*=}/half";; esac; done; exit 3',
  );
  expect(await clone(b, a, ['x', 'basebackup'], { x: { command: broken.command } })).toEqual({ kind: 'done' });
  const { dataDir } = b.config.postgres;
  expect(existsSync(join(dataDir, 'half'))).toBe(false);
  expect(existsSync(join(dataDir, 'standby.signal'))).toBe(true);
  expect(existsSync(`${dataDir}.unfinished`)).toBe(false);
});

test('PG-52: a command is told the place and gets the password in a file; what it copied is a standby', async () => {
  const a = await primary();
  const b = await member('b');
  const { dataDir } = b.config.postgres;
  const good = script('good', `test -e ${dataDir}/PG_VERSION && exit 0\n${copies}`);
  expect(await clone(b, a, ['m'], { m: { command: `${good.command} first`, keep_data: true } })).toEqual({
    kind: 'done',
  });
  const [first, keeps, scope, role, place, connstring, passwords] = good.said().split('\n');
  expect([first, keeps, scope, role, place]).toEqual([
    'first',
    '--keep_data=True',
    '--scope=test',
    '--role=replica',
    `--datadir=${dataDir}`,
  ]);
  expect(connstring).toMatch(/^--connstring=dbname=postgres user=replicator host=localhost /);
  expect(connstring).not.toContain('secret');
  expect(connstring).not.toContain('application_name');
  expect(passwords).toBe(`PGPASSFILE=localhost:${a.config.postgres.port}:*:replicator:replicator-secret`);

  const wanted = desired({ from: a.upstream(b.name), as: b.name });
  const start = { kind: 'start', desired: wanted, timeout: millis(60_000) } as const;
  expect(await b.postgres.run(start, taskContext())).toEqual({ kind: 'done' });
  expect((await b.postgres.look(millis(3_000))).server.kind).toBe('standby');
  await b.postgres.run({ kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: null }, taskContext());

  writeFileSync(join(dataDir, 'mine'), '');
  expect(await clone(b, a, ['m'], { m: { command: good.command, keep_data: true } })).toEqual({ kind: 'done' });
  expect(existsSync(join(dataDir, 'mine'))).toBe(true);
});

test('what a method that keeps data leaves half-way counts as nothing, and stays for its next try', async () => {
  const b = await member('b');
  const broken = script('half', 'for each; do case $each in --datadir=*) touch "${each#*=}/half";; esac; done; exit 3');
  const outcome = await clone(b, null, ['m'], { m: { command: broken.command, keep_data: true, no_leader: true } });
  expect(outcome).toMatchObject({ kind: 'failed', reason: 'method m: exit code 3' });
  expect((await b.postgres.look(millis(3_000))).dataDirectory).toEqual({ kind: 'empty', unfinished: true });
  expect(existsSync(join(b.config.postgres.dataDir, 'half'))).toBe(true);
});

test('a command that fails is told with its last words, wherever it says them', async () => {
  const b = await member('b');
  const words = script('words', "echo 'ERROR: [055]: no archive.info'; exit 55");
  const outcome = await clone(b, null, ['m'], { m: { command: words.command, no_leader: true } });
  const detail = 'ERROR: [055]: no archive.info';
  expect(outcome).toEqual({ kind: 'failed', reason: 'method m: exit code 55', detail });
});

test('a base backup is no standby by the name of its member: no commit is acknowledged by what it has received', async () => {
  const a = await primary();
  const b = await member('b');
  const from = a.upstream(b.name);
  const methods = replicaMethods(['basebackup'], {}, ['--max-rate=20M']);
  const copied = b.postgres.run({ kind: 'clone', from, methods, patience: seconds(10) }, taskContext());
  const names = new Set<string>();
  const looksUntil = async (over: AbortSignal): Promise<void> => {
    while (!over.aborted) {
      const { server } = await a.postgres.look(millis(3_000));
      if (server.kind === 'primary') for (const { applicationName } of server.walSenders) names.add(applicationName);
    }
  };
  const over = new AbortController();
  const looks = looksUntil(over.signal);
  await copied.finally(() => over.abort());
  await looks;
  expect([await copied, [...names]]).toEqual([{ kind: 'done' }, ['pg_basebackup']]);
});

test('PG-53: without a leader a method gets an empty connection string', async () => {
  const b = await member('b');
  const none = script('none', 'exit 0');
  const outcome = await clone(b, null, ['m'], { m: { command: none.command, no_leader: true } });
  expect(outcome).toMatchObject({ kind: 'failed', reason: expect.stringContaining('left no data directory') });
  expect(none.said()).toContain('\n--connstring=\nPGPASSFILE=\n');
  expect(readdirSync(b.config.postgres.dataDir)).toEqual([]);
});

test('a command that cannot be run is a reason to try the next method, and said when there is none', async () => {
  const b = await member('b');
  for (const command of ['/nowhere/at/all', "an 'open quote"]) {
    expect(await clone(b, null, ['m'], { m: { command } })).toMatchObject({ kind: 'failed' });
  }
});
