/**
 * Recorded lives that `npm run check` lives again without servers (test/fixtures/traces).
 *
 *   node scripts/traces.ts keep NAME FOLDER   what the agents of one end-to-end cluster left; FOLDER has one folder per
 *                                             member (MATRIARCH_TEST_KEEP=1 makes a test leave it)
 *   node scripts/traces.ts accept             the present build's decisions and effects take the place of the recorded
 *                                             ones: after a deliberate change; look at what `git diff` of the test says first
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { rewrittenTrace } from '../src/simulator/replay/replay-trace.ts';

const fixtures = join(import.meta.dirname, '../test/fixtures/traces');
/** Each machine's file, beside the agent's. */
const suffixes = { agent: '', heartbeat: '.heartbeat', guardian: '.guardian' } as const;

const [command, name, folder] = process.argv.slice(2);
if (command === 'keep' && name !== undefined && folder !== undefined) keep(name, folder);
else if (command === 'accept') accept();
else {
  console.error('usage: node scripts/traces.ts keep NAME FOLDER | accept');
  process.exitCode = 2;
}

function keep(cluster: string, from: string): void {
  mkdirSync(join(fixtures, cluster), { recursive: true });
  for (const member of readdirSync(from).toSorted()) {
    for (const [machine, suffix] of Object.entries(suffixes)) {
      const path = join(from, member, `trace${suffix}`);
      if (!existsSync(path)) continue;
      write(join(fixtures, cluster, `${member}.${machine}.jsonl.gz`), scrubbed(readFileSync(path, 'utf8')));
    }
  }
}

/** The folder of one run is nobody's business. */
function scrubbed(text: string): string {
  return text.replaceAll(/\/[^"\s]*mtrlab[^/"\s]*/g, '/lab');
}

function accept(): void {
  for (const path of readdirSync(fixtures, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.gz')) continue;
    const file = join(fixtures, path);
    const lines = rewrittenTrace(gunzipSync(readFileSync(file)).toString().split('\n'));
    if (lines === null) throw new Error(`${path} cannot be read: record it again`);
    write(file, lines.map((line) => `${line}\n`).join(''));
  }
}

function write(file: string, text: string): void {
  writeFileSync(file, gzipSync(text, { level: 9 }));
}
