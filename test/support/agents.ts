import { constants, copyFileSync, cpSync, existsSync, linkSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.ts';
import type { Timings } from './node-file.ts';

/** An agent under test. Scenarios know nothing else of it, so that two products run the same ones. */
export interface AgentKind {
  readonly name: 'matriarch' | 'patroni';
  /**
   * The command that runs the agent in the foreground, as itself: a signal to the process reaches the agent. It leaves
   * its traces at `trace`, if it can.
   */
  command(configFile: string, trace: string | null): readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  /** What `--version` says, for reports. */
  readonly version: string;
  /** The fastest setting that the product works with. */
  readonly fastest: Timings;
}

const root = join(import.meta.dirname, '../..');

/**
 * The built agent, copied to `folder`: an ordinary user may not be able to read the checkout, and a build during a test
 * must not change what is tested.
 */
export async function matriarch(folder: string): Promise<AgentKind> {
  const home = join(folder, 'matriarch');
  if (!existsSync(home)) {
    if (!existsSync(join(root, 'dist/matriarch.js'))) throw new Error('dist/matriarch.js is missing: ./run build');
    mkdirSync(home, { mode: 0o755 });
    cpSync(join(root, 'bin'), join(home, 'bin'), { recursive: true });
    cpSync(join(root, 'dist'), join(home, 'dist'), { recursive: true });
    linkOrCopy(process.execPath, join(home, 'node'));
  }
  const program = join(home, 'bin/matriarch');
  const env = { MATRIARCH_NODE: join(home, 'node') };
  const version = await run(['env', `MATRIARCH_NODE=${env.MATRIARCH_NODE}`, program, '--version']);
  const fastest = { ttl: 5, loop_wait: 2, retry_timeout: 1 };
  return {
    name: 'matriarch',
    env,
    version: `matriarch ${version.trim()}`,
    fastest,
    command: (file, trace) => [program, 'agent', ...(trace === null ? [] : ['--trace', trace]), file],
  };
}

/** The agent of Debian's package. @throws when it is not installed. */
export async function patroni(): Promise<AgentKind> {
  const program = patroniPrograms.find((path) => existsSync(path));
  if (program === undefined) throw new Error('patroni is not installed: apt-get install patroni python3-etcd');
  const version = await run([program, '--version']);
  // The least that it accepts; with a shorter retry_timeout it never gets past a peer that is silent.
  const fastest = { ttl: 20, loop_wait: 1, retry_timeout: 3 };
  return { name: 'patroni', env: {}, version: version.trim(), fastest, command: (file) => [program, file] };
}

export function isPatroniInstalled(): boolean {
  return patroniPrograms.some((path) => existsSync(path));
}

const patroniPrograms = ['/usr/bin/patroni', '/usr/local/bin/patroni'];

/** Which agent the scenarios drive: ours, unless MATRIARCH_TEST_AGENT asks for the one that we compare with. */
export async function agentUnderTest(folder: string): Promise<AgentKind> {
  const asked = process.env['MATRIARCH_TEST_AGENT'] ?? 'matriarch';
  if (asked === 'matriarch') return matriarch(folder);
  if (asked === 'patroni') return patroni();
  throw new Error(`MATRIARCH_TEST_AGENT: no such agent: ${asked}`);
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to, constants.COPYFILE_FICLONE); // Another file system.
  }
}
