import { createHash } from 'node:crypto';
import { accessSync, constants, lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

/** A Unix socket's address holds 108 bytes with its closing zero (unix(7)). */
const SOCKET_PATH_BYTES_MAX = 107;
/** The name under which the socket is made before it is moved to its place: a dot and a process id more. */
const UNFINISHED_SUFFIX_BYTES = 9;

/**
 * Where the guardian of a data directory listens: in a private directory, so that nobody else can pose as the agent.
 * @param runtimeDir what `MATRIARCH_RUNTIME_DIR` says, if anything.
 * @throws when there is no such directory that is ours alone, or its name is too long for a socket.
 */
export function guardianSocketPath(where: {
  readonly realDataDir: string;
  readonly runtimeDir: string | undefined;
}): string {
  const name = createHash('sha256').update(where.realDataDir).digest('hex').slice(0, 20);
  const path = join(privateDirectory(where.runtimeDir), `guardian-${name}.sock`);
  const bytes = Buffer.byteLength(path) + UNFINISHED_SUFFIX_BYTES;
  if (bytes > SOCKET_PATH_BYTES_MAX) throw new Error(`too long for a Unix socket (set MATRIARCH_RUNTIME_DIR): ${path}`);
  return path;
}

/** The data directory's real path, also before it is created: what is there of it resolved, the rest as named. */
export function realDataDirectory(dataDir: string): string {
  const absolute = resolve(dataDir);
  try {
    return realpathSync(absolute);
  } catch {
    const parent = dirname(absolute);
    return parent === absolute ? absolute : join(realDataDirectory(parent), basename(absolute));
  }
}

function privateDirectory(named: string | undefined): string {
  if (named !== undefined && named !== '') return makePrivate(named);
  // A service manager that wants it there has made it for us (systemd: RuntimeDirectory).
  if (isOwnAndWritable(SYSTEM_DIRECTORY)) return makePrivate(SYSTEM_DIRECTORY);
  return makePrivate(join(tmpdir(), `matriarch-${userId()}`));
}

const SYSTEM_DIRECTORY = '/run/matriarch';

/** @throws when it cannot be made, or is not ours alone. */
export function makePrivate(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  // Not through a link: in a shared /tmp somebody else may have laid it.
  const stat = lstatSync(path);
  if (!stat.isDirectory() || stat.uid !== userId()) throw new Error(`not a directory of this user: ${path}`);
  if ((stat.mode & 0o022) !== 0) throw new Error(`others may write to it: ${path}`);
  return path;
}

function isOwnAndWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return lstatSync(path).uid === userId();
  } catch {
    return false;
  }
}

function userId(): number {
  return process.geteuid?.() ?? -1;
}
