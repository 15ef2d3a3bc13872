/**
 * `./run test [--long] [LEVEL...]`: the check, two minutes of drawn disasters, then every level with real
 * servers, one after another, and one last line with the sum. `--long` asks for the full counts: tests read
 * MATRIARCH_TEST_LONG=1.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { startTool } from './tool.ts';

const FAILURE_LINES = 25;
const FAILURE_COLUMNS = 1_000;

const levels = ['check', 'drawn', 'contract', 'pg', 'e2e', 'mixed', 'roots'];
/** Systems of their own, downloaded: only with --long, or by name. */
const longLevels = new Set(['roots']);

/** What vitest's JSON reporter counts; a file that does not even load counts as a failed suite with no test in it. */
const Result = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(''),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullish() }),
      ),
    }),
  ),
});

interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed, and how it begins to say why: repeated at the very end, where a long log is read first. */
  readonly failures: readonly string[];
}

const args = process.argv.slice(2);
const long = args.includes('--long');
const asked = args.filter((arg) => arg !== '--long');
const unknown = asked.filter((arg) => !levels.includes(arg));
if (unknown.length > 0) {
  console.error(`No such level: ${unknown.join(', ')}. There are: ${levels.join(', ')}; and the option --long.`);
  process.exit(2);
}

const results = mkdtempSync(join(tmpdir(), 'matriarch-test-'));
const counts: Count[] = [];
for (const level of levels) {
  if (asked.length > 0 ? !asked.includes(level) : longLevels.has(level) && !long) continue;
  console.log(`\n== ${level}`);
  const resultFile = join(results, `${level}.json`);
  const succeeded = await run(commandOf(level, resultFile), resultFile);
  counts.push(countOf(level, resultFile, succeeded));
}
rmSync(results, { recursive: true });

const sum = counts.reduce(
  (all, one) => ({
    passed: all.passed + one.passed,
    failed: all.failed + one.failed,
    skipped: all.skipped + one.skipped,
  }),
  { passed: 0, failed: 0, skipped: 0 },
);
for (const failure of counts.flatMap(({ failures }) => failures)) console.log(`\nFAILED ${failure}`);
console.log(`\n${sum.passed} passed, ${sum.failed} failed${sum.skipped === 0 ? '' : `, ${sum.skipped} skipped`}`);
process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;

function commandOf(level: string, resultFile: string): readonly [string, ...string[]] {
  return level === 'check'
    ? ['node', 'scripts/check.ts']
    : [
        'vitest',
        'run',
        `--project=${level}`,
        '--passWithNoTests',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${resultFile}`,
      ];
}

function run(command: readonly [string, ...string[]], resultFile: string): Promise<boolean> {
  const env = { MATRIARCH_TEST_RESULT: resultFile, ...(long ? { MATRIARCH_TEST_LONG: '1' } : {}) };
  const child = startTool(command, { stdio: ['ignore', 'inherit', 'inherit'], env });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0));
  });
}

/** A level that failed without a failed test (a stage of the check, a file that does not load) counts as one failure. */
function countOf(level: string, resultFile: string, succeeded: boolean): Count {
  const text = readIfThere(resultFile);
  if (text === undefined) {
    return { passed: 0, failed: succeeded ? 0 : 1, skipped: 0, failures: succeeded ? [] : [`${level}, see above`] };
  }
  const result = Result.parse(JSON.parse(text));
  const failures = result.testResults.flatMap(failuresIn);
  const failed = Math.max(result.numFailedTests, failures.length);
  if (failed === 0 && !succeeded) failures.push(`${level}, see above`);
  return {
    passed: result.numPassedTests,
    failed: failed === 0 && !succeeded ? 1 : failed,
    skipped: result.numPendingTests,
    failures,
  };
}

/** Of one file: its failed tests, or the file itself when it does not load or its last hook fails. */
function failuresIn(file: z.infer<typeof Result>['testResults'][number]): string[] {
  const tests = file.assertionResults.filter(({ status }) => status === 'failed');
  const name = relative(process.cwd(), file.name);
  if (tests.length > 0)
    return tests.map((each) => `${name}: ${each.fullName}\n${beginning(each.failureMessages?.join('\n'))}`);
  return file.status === 'failed' ? [`${name}\n${beginning(file.message)}`] : [];
}

function beginning(text = ''): string {
  const lines = text.split('\n').slice(0, FAILURE_LINES);
  return lines.map((line) => `    ${line.slice(0, FAILURE_COLUMNS)}`).join('\n');
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
