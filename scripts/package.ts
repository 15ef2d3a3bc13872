/**
 * `./run package [--arch x64|arm64] [--out FOLDER]`: the self-contained archive of the product, with its own Node, to be
 * unpacked on a host that has none (docs/installation.md). The same checkout gives the same bytes.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import manifest from '../package.json' with { type: 'json' };
import { packFolder } from './package/archive.ts';
import { layOut } from './package/layout.ts';
import { type Architecture, architectures, nodeRuntime } from './package/node-runtime.ts';

const root = join(import.meta.dirname, '..');

const { values } = parseArgs({
  options: {
    arch: { type: 'string', default: process.arch },
    out: { type: 'string', default: join(root, 'archives') },
  },
});
const architecture = architectureNamed(values.arch);
const out = resolve(values.out);
const epoch = timeOfSources();

await import('./build.ts');

const scratch = mkdtempSync(join(tmpdir(), 'matriarch-package-'));
try {
  const name = `matriarch-${manifest.version}-linux-${architecture}`;
  mkdirSync(join(scratch, 'parent', name), { recursive: true });
  const date = new Date(epoch * 1000).toISOString().slice(0, 10);
  layOut(join(scratch, 'parent', name), { node: nodeRuntime(architecture, scratch), date });
  mkdirSync(out, { recursive: true });
  const archive = join(out, `${name}.tar.gz`);
  await packFolder({ parent: join(scratch, 'parent'), name, to: archive, epoch });
  const sum = createHash('sha256').update(readFileSync(archive)).digest('hex');
  writeFileSync(`${archive}.sha256`, `${sum}  ${basename(archive)}\n`);
  console.log(`${archive}\nsha256 ${sum}`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function architectureNamed(text: string): Architecture {
  const found = architectures.find((each) => each === text);
  if (found !== undefined) return found;
  console.error(`package: --arch: no such architecture: ${text}; there are ${architectures.join(' and ')}`);
  process.exit(2);
}

/** Seconds: of the last commit, or what SOURCE_DATE_EPOCH says (reproducible-builds.org), which also serves without git. */
function timeOfSources(): number {
  const text = process.env['SOURCE_DATE_EPOCH'] ?? timeOfLastCommit();
  const seconds = Number(text.trim());
  if (Number.isSafeInteger(seconds) && seconds >= 0) return seconds;
  console.error(`package: SOURCE_DATE_EPOCH: no number of seconds: ${text}`);
  process.exit(2);
}

function timeOfLastCommit(): string {
  const { stdout, stderr, error } = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' });
  if (error === undefined && stdout !== '') return stdout;
  console.error(`package: git does not say of when these sources are: ${error?.message ?? stderr.trim()}`);
  console.error('package: SOURCE_DATE_EPOCH says it instead, in seconds: SOURCE_DATE_EPOCH=$(date +%s) ./run package');
  process.exit(1);
}
