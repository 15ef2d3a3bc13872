/**
 * `./run bench command-line`: how long commands take as whole processes, ours beside the other product's tools, the
 * installed one and the newest, on the same keys of the same store in the same run. The figure is the median; run it on a quiet machine.
 *
 *   --runs=N   of each command (default 10)
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isPatroniInstalled } from '../support/agents.ts';
import { run } from '../support/command.ts';
import { Etcd } from '../support/etcd.ts';
import { newerPatronictl } from '../support/newer-patroni.ts';
import { clusterKeys } from '../support/node-snapshot.ts';
import { monotonicMs } from '../support/wait.ts';
import { columns, median } from './table.ts';

const { values: options } = parseArgs({ options: { runs: { type: 'string', default: '10' } } });
const runs = Number(options.runs);

/** The first ones read files that nobody has read for a while. */
const WARM_UPS = 1;
/** What we allow the median of ours, in milliseconds. */
const LIMIT_MS = 200;
/** How many times faster `list` has to be than each of theirs. */
const LIST_FACTOR = 5;

type Program = { readonly name: string; readonly command: readonly [string, ...string[]] };
const ours: Program = { name: 'matriarch', command: [join(import.meta.dirname, '../../bin/matriarch')] };
/** Patroni's tool as it is installed, and the newest one. */
const theirs = [...(isPatroniInstalled() ? ['patronictl'] : []), await newerPatronictl()];
const programs: readonly Program[] = [
  ours,
  ...(await Promise.all(
    theirs.map(async (path) => ({ name: (await run([path, 'version'])).trim(), command: [path] as const })),
  )),
];

const etcd = await Etcd.start({ members: 1 });
const folder = mkdtempSync(join(tmpdir(), 'matriarch-bench-'));
try {
  for (const [key, value] of Object.entries(clusterKeys())) {
    await etcd.ctl('put', `/db/demo/${key}`, typeof value === 'string' ? value : JSON.stringify(value));
  }
  const file = join(folder, 'patronictl.yml');
  writeFileSync(file, `scope: demo\nnamespace: /db/\netcd3: { hosts: '${etcd.endpoints[0] ?? ''}' }\n`);
  const measured = ['--help', 'list', 'topology', 'show-config'].flatMap((name) =>
    programs.map((program) => {
      const args = name === '--help' ? [name] : ['-c', file, name];
      return { name, program, command: [...program.command, ...args] as const, ms: [] as number[] };
    }),
  );
  // Everything in turn: what else the machine does meanwhile meets all of them.
  for (let count = 0; count < runs + WARM_UPS; count++) {
    for (const { command, ms } of measured) {
      const took = await millisecondsOf(command);
      if (count >= WARM_UPS) ms.push(took);
    }
  }
  const rows = measured.map(({ name, program, ms }) => {
    const limit = program === ours ? `${LIMIT_MS}${median(ms) <= LIMIT_MS ? '' : ' !'}` : '';
    const all = ms.toSorted((a, b) => a - b).map(figure);
    return [program.name, name, figure(median(ms)), all.join(' '), limit];
  });
  console.log(columns([['program', 'command', 'median ms', 'all', 'limit'], ...rows]));
  const lists = measured.filter(({ name }) => name === 'list').map(({ program, ms }) => ({ program, ms: median(ms) }));
  const own = lists.find(({ program }) => program === ours)?.ms ?? Number.NaN;
  for (const { program, ms } of lists.filter((each) => each.program !== ours)) {
    const factor = ms / own;
    console.log(`list: ${factor.toFixed(1)} times as fast as ${program.name}${factor < LIST_FACTOR ? ' !' : ''}`);
  }
} finally {
  rmSync(folder, { recursive: true });
  await etcd.stop();
}

async function millisecondsOf(command: readonly [string, ...string[]]): Promise<number> {
  const from = monotonicMs();
  await run(command, { limitMs: 60_000 });
  return monotonicMs() - from;
}

function figure(ms: number): string {
  return ms.toFixed(0);
}
