/**
 * `npm run check [-- STAGE...]`: everything a machine can say about the tree without a real server, in three to six minutes on two cores.
 * Stages run two at a time, the slow ones first; what a stage printed is shown when it fails.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { startTool } from './tool.ts';

interface Stage {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

interface Outcome {
  readonly stage: Stage;
  readonly passed: boolean;
  readonly seconds: number;
  readonly output: string;
}

const root = join(import.meta.dirname, '..');
const resultFile = process.env['MATRIARCH_TEST_RESULT'];

const stages: readonly Stage[] = [
  { name: 'lint', command: ['eslint', '--max-warnings=0', '.'] },
  {
    name: 'tests',
    command: [
      'vitest',
      'run',
      '--project=fast',
      '--reporter=default',
      ...(resultFile === undefined ? [] : ['--reporter=json', `--outputFile.json=${resultFile}`]),
    ],
  },
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'dead-code', command: ['knip', '--no-config-hints'] },
  { name: 'imports', command: ['depcruise', '--config=.dependency-cruiser.cjs', 'src', 'test', 'scripts'] },
  { name: 'format', command: ['biome', 'check', '.'] },
  ...(existsSync(join(root, 'src/decide/rules.ts'))
    ? [{ name: 'rules', command: ['node', 'scripts/rules.ts', '--check'] } as const]
    : []),
  { name: 'conformance', command: ['node', 'scripts/conformance.ts'] },
];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !stages.some((stage) => stage.name === name));
if (unknown.length > 0) {
  console.error(`No such stage: ${unknown.join(', ')}. There are: ${stages.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}

const waiting = stages.filter(({ name }) => asked.length === 0 || asked.includes(name));
const outcomes: Outcome[] = [];

async function worker(): Promise<void> {
  for (let stage = waiting.shift(); stage !== undefined; stage = waiting.shift()) {
    const outcome = await run(stage);
    outcomes.push(outcome);
    console.log(`${outcome.passed ? 'ok    ' : 'FAILED'} ${stage.name.padEnd(10)} ${outcome.seconds.toFixed(1)} s`);
    if (!outcome.passed) console.log(outcome.output.trimEnd().replaceAll(/^/gm, '    '));
  }
}

function run(stage: Stage): Promise<Outcome> {
  const started = process.hrtime.bigint();
  const child = startTool(stage.command, { stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => {
    const end = (passed: boolean, note: string): void => {
      const seconds = Number(process.hrtime.bigint() - started) / 1e9;
      resolve({ stage, passed, seconds, output: Buffer.concat(chunks).toString() + note });
    };
    child.once('error', (error) => end(false, `\n${error.message} (is everything installed? ./run setup)`));
    child.once('close', (code, signal) => end(code === 0, signal === null ? '' : `\nkilled by ${signal}`));
  });
}

await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));

const failed = outcomes.filter(({ passed }) => !passed).map(({ stage }) => stage.name);
if (failed.length > 0) {
  console.log(`check failed: ${failed.toSorted().join(', ')}`);
  process.exitCode = 1;
}
