import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { User, World } from '../world.ts';
import { killAll } from './kill-all.ts';
import type { Programs } from './our-processes.ts';
import { isAlive, processIdentity } from './process-identity.ts';
import { SegmentLedger } from './shared-memory.ts';

/**
 * The folder with everything that a playground leaves in this machine while it runs. One playground at a time has it; what
 * an earlier one left that was killed is ended and removed first.
 * @throws when another playground runs there, or the path is of no use.
 */
export async function claimStateDirectory(
  path: string,
  { world, programs }: { readonly world: World; readonly programs: Programs },
): Promise<'fresh' | 'cleared'> {
  // The longest name in it is the guardian's socket; a Unix socket's address holds 107 bytes.
  if (Buffer.byteLength(path) > PATH_BYTES_MAX) {
    throw new Error(`longer than ${PATH_BYTES_MAX} bytes, too long for Unix sockets below it: ${path}; ${ADVICE}`);
  }
  const isLeft = existsSync(path);
  if (isLeft) await clearLeftover(path, world);
  makeFolder(path);
  // Whatever the umask says: the servers' user goes through it to its own folders.
  chmodSync(path, 0o755);
  writeSession(path, programs);
  return isLeft ? 'cleared' : 'fresh';
}

/** @throws when the servers' user cannot get there: a folder above it is closed. */
export function assertReachable(path: string, user: User | null): void {
  if (user === null) return;
  const { status } = spawnSync('test', ['-x', path], { uid: user.uid, gid: user.gid, cwd: '/', stdio: 'ignore' });
  if (status !== 0) throw new Error(`${user.name}, whom the servers run as, cannot enter ${path}; ${ADVICE}`);
}

/** Who has the folder, and by which programs its processes are known. To be written before these are started. */
export function writeSession(path: string, programs: Programs): void {
  const unfinished = join(path, `${SESSION}.new`);
  writeFileSync(unfinished, JSON.stringify({ owner: processIdentity(process.pid), programs }));
  renameSync(unfinished, join(path, SESSION));
}

export function removeStateDirectory(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 5 });
}

/** Out of the way of the next playground. @returns where it is now. */
export function keepStateDirectory(path: string, wallNow: number): string {
  const kept = `${path}-kept-${new Date(wallNow)
    .toISOString()
    .replace(/[^0-9T]/g, '')
    .slice(0, 15)}`;
  rmSync(join(path, SESSION), { force: true });
  renameSync(path, kept);
  return kept;
}

export function segmentLedger(path: string): SegmentLedger {
  return new SegmentLedger(join(path, 'segments'));
}

async function clearLeftover(path: string, world: World): Promise<void> {
  const stat = lstatSync(path);
  if (!stat.isDirectory() || stat.uid !== process.geteuid?.()) {
    throw new Error(`not a folder of this user: ${path}; ${ADVICE}`);
  }
  const session = readSession(path);
  if (session === null) {
    // Killed between making the folder and saying whose it is: nothing was started, and nothing else is in it.
    if (readdirSync(path).some((name) => !name.startsWith(SESSION))) {
      throw new Error(`it was not left by a playground, so it is not removed: ${path}; ${ADVICE}`);
    }
  } else {
    if (isAlive(session.owner)) {
      throw new Error(`a playground runs there already (process ${session.owner.pid}): ${path}; ${ADVICE}`);
    }
    await killAll({ folder: path, programs: session.programs }, { ...world, interruption: () => null });
    segmentLedger(path).sweep();
  }
  removeStateDirectory(path);
}

function readSession(path: string): z.infer<typeof Session> | null {
  try {
    return Session.parse(JSON.parse(readFileSync(join(path, SESSION), 'utf8')));
  } catch {
    return null;
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o755 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new Error(`cannot make the folder ${path} (${String(error.code)}); ${ADVICE}`, { cause: error });
  }
}

const ADVICE = '--state-dir names another place';
const SESSION = 'session.json';
const PATH_BYTES_MAX = 55;

const Session = z.object({
  owner: z.object({ pid: z.number(), startTicks: z.string(), boot: z.string() }),
  programs: z.object({ node: z.string(), etcd: z.string(), postgres: z.string() }),
});
