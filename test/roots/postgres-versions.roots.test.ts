/** Versions of PostgreSQL that this machine's Debian does not have, each in a root of the Debian that has it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { debianRoot, runInRoot } from '../support/debian-root.ts';
import { minutes } from '../support/e2e.ts';

const Result = z.object({
  numPassedTests: z.number(),
  testResults: z.array(z.object({ assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })) })),
});

describe.each([
  { major: 17, suite: 'trixie' },
  { major: 18, suite: 'sid' },
])('PostgreSQL $major (Debian $suite)', ({ major, suite }) => {
  const wanted = { suite, packages: ['libatomic1', `postgresql-${major}`] };

  test('is what the root has', { timeout: 25 * minutes }, async () => {
    const root = await debianRoot(wanted);
    const said = await runInRoot(root, [`/usr/lib/postgresql/${major}/bin/postgres`, '--version'], 1 * minutes);
    console.log(said.trim());
    expect(said).toContain(`(PostgreSQL) ${major}.`);
  });

  test.each([
    { name: 'the contract suite', files: ['--project=contract', 'test/contract/postgres.contract.test.ts'], least: 26 },
    { name: 'the level pg', files: ['--project=pg'], least: 50 },
    { name: 'what came with version 17', files: ['--project=since17'], least: 1 },
  ])('$name passes on it', { timeout: 50 * minutes }, async ({ files, least }) => {
    const root = await debianRoot(wanted);
    const results = mkdtempSync(join(root, 'var/tmp/results-'));
    try {
      const file = join(results, 'result.json').slice(root.length);
      const command = ['vitest', 'run', ...files, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
      const printed = await runInRoot(root, command, 45 * minutes).catch((error: unknown) => String(error));
      const { numPassedTests, testResults } = readResult(join(root, file), printed);
      const others = testResults.flatMap(({ assertionResults }) =>
        assertionResults.filter(({ status }) => status !== 'passed'),
      );
      if (others.length > 0) console.error(printed);
      expect(others).toEqual([]);
      expect(numPassedTests).toBeGreaterThanOrEqual(least);
    } finally {
      rmSync(results, { recursive: true });
    }
  });
});

function readResult(file: string, printed: string): z.infer<typeof Result> {
  try {
    return Result.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new Error(`the tests left no result; they printed:\n${printed}`, { cause: error });
  }
}
