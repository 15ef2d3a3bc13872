/** `matriarch watch` in a terminal, and without one, beside a cluster that somebody else breaks. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { minutes } from '../support/e2e.ts';
import { matriarch, PlaygroundRun, stateDirectory } from '../support/playground-run.ts';
import { ProgramInTerminal } from '../support/program-in-terminal.ts';
import { until } from '../support/wait.ts';

let folder: string;
let cluster: PlaygroundRun;
let watch: string;
beforeAll(async () => {
  folder = stateDirectory();
  const script = 'wait 15s; wait healed 120s; kill-node leader; wait healed 240s; wait 10s; bring-back; wait 600s';
  cluster = PlaygroundRun.start(folder, '--script', script);
  await cluster.untilEvent('started');
  watch = `${matriarch} -c ${join(folder, 'cli.yml')} watch`;
}, 3 * minutes);
afterAll(async () => {
  cluster.child.kill('SIGTERM');
  await cluster.ended();
  rmSync(dirname(folder), { recursive: true, force: true });
});

const printing: ChildProcess[] = [];
afterEach(() => {
  for (const child of printing.splice(0)) child.kill();
});

const small = { columns: 80, rows: 24 };

test('a failover before its eyes, and without a terminal as lines', { timeout: 4 * minutes }, async () => {
  const lines = printed(['--json']);
  const terminal = ProgramInTerminal.start(watch, small);
  try {
    await terminal.untilShown(
      /^ healthy$[^]*^ \* node\d +primary +running +\d [^]*^ lease +node\d +\[#+\.*\] \d\.\d s left of 5 s$/m,
    );
    expect(terminal.screen.lines).toHaveLength(24);
    terminal.press('?');
    await terminal.untilShown(/any key goes back/);
    terminal.press('x');
    await terminal.untilShown(/^ healthy, without node\d$/m);
    await terminal.untilShown(/^ \* node\d +primary +running +[2-9] /m);
    // With room for all that happened since: a busy machine has more to tell.
    await terminal.resize({ columns: 120, rows: 40 });
    await terminal.untilShown(/took the lock, by the rule campaign/);
    await terminal.untilShown(/became a primary, by the rule promote/);
    expect(terminal.screen.overflows).toEqual([]);
    terminal.press('q');
    expect((await terminal.ended()).status).toBe(0);
    expect(terminal.screen.isProgramShown).toBe(false);
  } finally {
    await terminal.close();
  }
  const events = lines
    .text()
    .trimEnd()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Event);
  const race = events.find(({ event, outcome, rule }) => event === 'race' && outcome === 'won' && rule === 'campaign');
  expect(race).toMatchObject({ cluster: 'playground', former_end: 'lease-ended' });
  const leaders = events.filter(({ event }) => event === 'leader').map(({ leader }) => leader);
  expect(leaders).toContain(race?.member);
});

test('Ctrl-C and a signal restore the terminal', { timeout: 2 * minutes }, async () => {
  for (const [end, expected] of [
    ['key', 0],
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const) {
    const terminal = ProgramInTerminal.start(watch, small);
    await terminal.untilShown(/^ lease /m);
    if (end === 'key') terminal.press('\x03');
    else process.kill(terminal.pid, end);
    const { status, all } = await terminal.ended();
    expect(status).toBe(expected);
    expect(terminal.screen.isProgramShown).toBe(false);
    expect(all).toContain('\x1b[?25h\x1b[?1049l');
  }
});

test('a store that goes away is said, and that it is back', { timeout: 2 * minutes }, async () => {
  const lines = printed([]);
  const store = await until('the store is known', { withinMs: 10_000 }, () => storePid());
  await until('it prints', { withinMs: 20_000 }, () => lines.text().includes('has the lock') || null);
  process.kill(store, 'SIGSTOP');
  try {
    await until('it says so', { withinMs: 30_000 }, () => lines.text().includes('store: does not answer') || null);
  } finally {
    process.kill(store, 'SIGCONT');
  }
  await until('it says so', { withinMs: 30_000 }, () => lines.text().includes('store: answers again') || null);
});

/** The playground's etcd. */
function storePid(): number | null {
  const mark = `--data-dir=${join(folder, 'store')}`;
  const pid = readdirSync('/proc').find((name) => /^\d+$/.test(name) && commandLine(name).includes(mark));
  return pid === undefined ? null : Number(pid);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // It has ended meanwhile.
  }
}

interface Event {
  readonly event: string;
  readonly member?: string;
  readonly leader?: string | null;
  readonly outcome?: string;
  readonly rule?: string;
}

/** `watch` with its output in a pipe. */
function printed(args: readonly string[]): { readonly text: () => string } {
  const child = spawn(matriarch, ['-c', join(folder, 'cli.yml'), 'watch', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  printing.push(child);
  return { text: () => text };
}
