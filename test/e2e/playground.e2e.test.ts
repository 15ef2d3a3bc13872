/** `matriarch playground` as its users run it: by a script, by a seed, in a terminal; and what is left afterwards. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../support/command.ts';
import { isLong, minutes } from '../support/e2e.ts';
import { PlaygroundRun, stateDirectory, Traces } from '../support/playground-run.ts';
import { openPlayground } from '../support/program-in-terminal.ts';

let folder: string;
beforeEach(() => {
  folder = stateDirectory();
});
afterEach(() => rmSync(dirname(folder), { recursive: true, force: true }));

const seeds = Array.from({ length: isLong ? 20 : 3 }, (_, index) => index + 1);

test.for(seeds)(
  'seed %i: whatever keys are pressed, it heals, and no loss goes unreported',
  { timeout: 8 * minutes },
  async (seed) => {
    const playground = PlaygroundRun.start(folder, '--seed', String(seed));
    const status = await playground.ended();
    const last = playground.events.at(-1);
    console.log(`seed ${seed}: ${JSON.stringify(last)}`);
    expect(last, playground.text).toMatchObject({ event: 'ended', healed: true, unreported: 0 });
    expect(status).toBe(0);
    expect(await playground.leftovers()).toEqual([]);
  },
);

describe('a scripted session', () => {
  test('can be entered with psql and list; a refused switchover makes it fail', { timeout: 3 * minutes }, async () => {
    const script = 'wait 3s; kill-node replica; kill-node replica; switchover; pause';
    const playground = PlaygroundRun.start(folder, '--script', script);
    const { primary = '', list = '' } = await playground.untilEvent('started');
    expect(await run(['psql', primary, '-Atc', 'SELECT pg_is_in_recovery()'])).toBe('f\n');
    const [program = '', ...args] = list.split(' ');
    expect(await run([program, ...args])).toMatch(/node1[^]*node2[^]*node3/);
    expect(await playground.ended()).toBe(1);
    const did = playground.events.filter(({ event }) => event === 'did' || event === 'refused');
    expect(did.map(({ action }) => action).slice(0, 2)).toEqual(['kill-node', 'kill-node']);
    // Refused by the leader, or, on a machine so busy that its lease ended, for want of one; nothing is done after it.
    expect(did.at(-1)).toMatchObject({ event: 'refused', action: 'switchover' });
    expect(playground.events.at(-1)).toMatchObject({ event: 'ended', healed: false });
    expect(await playground.leftovers()).toEqual([]);
  });

  test('a primary that is cut off sees its lease end, and comes back', {
    timeout: 3 * minutes,
  }, async () => {
    const script = 'cut leader; wait healed 30s; bring-back; wait healed 60s';
    const playground = PlaygroundRun.start(folder, '--script', script);
    expect(await playground.ended(), playground.text).toBe(0);
    const cutNode = playground.events.find(
      ({ event, text }) => event === 'did' && text?.startsWith('cut ') === true,
    )?.node;
    const said = playground.events.filter(({ event, node }) => event === 'said' && node === cutNode);
    expect(said.some(({ text }) => text?.includes('lease-running-out') === true)).toBe(true);
  });

  test('writes that only the dead primary had are reported as lost by the failover', {
    timeout: 4 * minutes,
  }, async () => {
    const script =
      'cut replica; cut replica; wait 2s; kill-node leader; bring-back replica; bring-back replica; wait healed 60s; ' +
      'bring-back leader; wait healed 60s';
    const playground = PlaygroundRun.start(folder, '--script', script);
    expect(await playground.ended(), playground.text).toBe(0);
    const [loss, ...more] = playground.events.filter(({ event }) => event === 'found-lost');
    expect(more).toEqual([]);
    expect(loss?.count).toBeGreaterThan(0);
    expect(playground.events.at(-1)).toMatchObject({ event: 'ended', lost: loss?.count, unreported: 0 });
  });

  test('what it keeps is out of the way of the next one', { timeout: 3 * minutes }, async () => {
    const playground = PlaygroundRun.start(folder, '--keep', '--script', 'wait 100ms');
    expect(await playground.ended(), playground.text).toBe(0);
    const kept = playground.events.find(({ event }) => event === 'kept')?.folder ?? '';
    expect(readdirSync(kept)).toEqual(expect.arrayContaining(['node1', 'node2', 'node3', 'store']));
    expect(existsSync(join(kept, 'node1/data/PG_VERSION'))).toBe(true);
    expect(await playground.leftovers()).toEqual([]);
  });

  test('a node is killed once, and brought back in the very next moment', { timeout: 3 * minutes }, async () => {
    const script = 'kill-node node2; bring-back node2; wait healed 60s; kill-node node3; kill-node node3';
    const playground = PlaygroundRun.start(folder, '--script', script);
    expect(await playground.ended(), playground.text).toBe(1);
    const done = playground.events.filter(({ event }) => event === 'did' || event === 'refused');
    expect(done.map(({ event, action, node }) => [event, action, node])).toEqual([
      ['did', 'kill-node', 'node2'],
      ['did', 'bring-back', 'node2'],
      ['did', 'kill-node', 'node3'],
      ['refused', 'kill-node', undefined],
    ]);
  });

  test('what is no script is refused before anything is started', async () => {
    const playground = PlaygroundRun.start(folder, '--script', 'kill everybody');
    expect(await playground.ended()).toBe(2);
    expect(existsSync(folder)).toBe(false);
  });
});

describe('it leaves nothing behind', () => {
  test.for([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('after %s', { timeout: 3 * minutes }, async ([signal, expected]) => {
    const playground = PlaygroundRun.start(folder, '--script', 'kill-node leader; wait 60s');
    await playground.untilEvent('did');
    playground.child.kill(signal);
    expect(await playground.ended()).toBe(expected);
    expect(await playground.leftovers()).toEqual([]);
  });

  test('after SIGKILL the next start ends and removes what is left, and only that', {
    timeout: 5 * minutes,
  }, async () => {
    const first = PlaygroundRun.start(folder, '--script', 'wait 300s');
    await first.untilEvent('started');
    first.child.kill('SIGKILL');
    await first.ended();
    expect((await first.leftovers()).length).toBeGreaterThan(10);
    // Somebody looks at what is there.
    const onlooker = spawn('tail', ['-f', join(folder, 'node1/agent.log')], {
      cwd: join(folder, 'node1'),
      stdio: 'ignore',
    });
    await once(onlooker, 'spawn');

    const second = PlaygroundRun.start(folder, '--script', 'wait 100ms');
    expect(await second.ended(), second.text).toBe(0);
    expect(onlooker.exitCode).toBeNull();
    onlooker.kill();
    await once(onlooker, 'close');
    expect(await first.leftovers()).toEqual([]);
    expect(await second.leftovers()).toEqual([]);
  });

  test('a second one beside it is refused, and does not harm the first', { timeout: 3 * minutes }, async () => {
    const first = PlaygroundRun.start(folder, '--script', 'wait 5s');
    await first.untilEvent('started');
    const second = PlaygroundRun.start(folder, '--script', 'wait 1s');
    expect(await second.ended()).toBe(1);
    expect(await first.ended(), first.text).toBe(0);
  });

  test('a folder that no playground made is not touched', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'thesis.tex'), 'years of work');
    const playground = PlaygroundRun.start(folder, '--script', 'wait 1s');
    expect(await playground.ended()).toBe(1);
    expect(readFileSync(join(folder, 'thesis.tex'), 'utf8')).toBe('years of work');
  });
});

describe('in a terminal', () => {
  const small = { columns: 80, rows: 24 };
  const large = { columns: 120, rows: 40 };

  test('keys, sizes, and a gap that is the writers’ own', { timeout: 5 * minutes }, async () => {
    const terminal = openPlayground(folder, small);
    const traces = new Traces(folder);
    try {
      await terminal.untilShown(/^ healthy$/m);
      expect(terminal.screen.lines).toHaveLength(24);

      terminal.press('?');
      await terminal.untilShown(/^ {6}postgresql:|any key goes back/m);
      terminal.press('x');

      terminal.press('k');
      await terminal.untilShown(/ killed node\d: /);
      const lines = await terminal.untilShown(/^ healthy, without node\d$[^]*longest gap/m);
      const shownMs = Number(/longest gap (\d+\.\d+) s/.exec(lines.join('\n'))?.[1]) * 1000;
      const logged = longestGapIn(`${folder}.writes`);
      expect(Math.abs(shownMs - logged.gapMs)).toBeLessThan(100);
      // What a server has as the moment of a write lies between its sending and its acknowledgement.
      const storedMs = await longestGapInTable(join(folder, 'primary'));
      expect(storedMs).toBeGreaterThan(logged.leastMs - 100);
      expect(storedMs).toBeLessThan(logged.mostMs + 100);

      await terminal.resize(large);
      await terminal.untilShown(/bring all back/);
      expect(terminal.screen.lines).toHaveLength(40);
      terminal.press('b');
      await terminal.untilShown(/^ healthy$/m);
      terminal.press('s');
      await terminal.untilShown(/Successfully switched over/);
      terminal.press('z');
      await terminal.untilShown(/paused \(z resumes\)/);
      terminal.press('z');
      await terminal.untilShown(/the agents act again/);
      // Only now: on a small screen what the agents do may push such a line off at once.
      await terminal.resize(small);
      await terminal.untilShown(/ p kill pg /);
      expect(terminal.screen.lines).toHaveLength(24);

      // Nothing is drawn beyond an edge, and the whole screen only at first and at each change of its size.
      expect(terminal.screen.overflows).toEqual([]);
      expect(terminal.screen.clears).toBe(5);
      terminal.press('q');
      const { status, all } = await terminal.ended();
      expect(status).toBe(0);
      expect(terminal.screen.isProgramShown).toBe(false);
      expect(all).toContain('\x1b[?25h\x1b[?1049l');
      expect(await traces.leftovers([])).toEqual([]);
    } finally {
      traces.end();
      await terminal.close();
    }
  });

  test('Ctrl-C is the same as q, and a signal restores the terminal, too', { timeout: 3 * minutes }, async () => {
    for (const end of ['key', 'signal'] as const) {
      const terminal = openPlayground(folder, small);
      await terminal.untilShown(/^ healthy$/m);
      if (end === 'key') terminal.press('\x03');
      else process.kill(terminal.pid, 'SIGTERM');
      const { status } = await terminal.ended();
      expect(status).toBe(end === 'key' ? 0 : 143);
      expect(terminal.screen.isProgramShown).toBe(false);
      expect(existsSync(folder)).toBe(false);
    }
  });
});

/** From lines of `sent acknowledged number node`: the longest gap, and what it is if only sending is known on one side. */
function longestGapIn(file: string): { readonly gapMs: number; readonly leastMs: number; readonly mostMs: number } {
  const writes = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
  expect(writes.length).toBeGreaterThan(50);
  const gaps = writes.slice(1).map(([sent = 0, at = 0], index) => {
    const [sentBefore = 0, before = 0] = writes[index] ?? [];
    return { gapMs: at - before, leastMs: sent - before, mostMs: at - sentBefore };
  });
  return gaps.reduce((longest, gap) => (gap.gapMs > longest.gapMs ? gap : longest));
}

/** What the servers' own clocks say: each row has the moment of its transaction. */
async function longestGapInTable(file: string): Promise<number> {
  const primary = readFileSync(file, 'utf8').trim();
  const query =
    'SELECT max(extract(epoch FROM gap)) * 1000 FROM (SELECT at - lag(at) OVER (ORDER BY at) AS gap FROM playground_writes) AS gaps';
  return Number(await run(['psql', primary, '-Atc', query]));
}
