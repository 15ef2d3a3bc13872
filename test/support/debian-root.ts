import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.ts';

const checkout = join(import.meta.dirname, '../..');
/** Roots are kept here between runs; remove the folder to have them made anew. */
const kept = process.env['MATRIARCH_TEST_ROOTS'] ?? '/var/cache/matriarch-test-roots';
const MAKING_LIMIT_MS = 20 * 60_000;

/**
 * A Debian of its own in a folder: the smallest system of a suite with some packages, made by debootstrap when it is
 * not there yet. Whoever changes it works on a copy (`copyOfRoot`).
 * @throws When not root, when debootstrap is missing, or when the suite no longer has such a package.
 */
export async function debianRoot(wanted: {
  readonly suite: string;
  readonly packages: readonly string[];
}): Promise<string> {
  if (process.getuid?.() !== 0) throw new Error('only root makes Debian roots: run these tests as root');
  const { suite, packages } = wanted;
  const words = packages.toSorted().join(',');
  const name = `${suite}-${createHash('sha256').update(words).digest('hex').slice(0, 12)}`;
  const folder = join(kept, name);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  // Without one debootstrap takes the archive that it knows itself.
  const mirror = process.env['MATRIARCH_TEST_MIRROR'];
  const from = mirror === undefined ? [] : [mirror];
  await run(['debootstrap', '--variant=minbase', `--include=${words}`, suite, unfinished, ...from], {
    limitMs: MAKING_LIMIT_MS,
  });
  renameSync(unfinished, folder);
  return folder;
}

export async function copyOfRoot(root: string, to: string): Promise<void> {
  await run(['cp', '-a', '--reflink=auto', root, to], { limitMs: 5 * 60_000 });
}

/** Mounts end with the namespace; whatever was started ends with its first process. */
const enter = `
set -e
root=$1
shift
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs shm "$root/dev/shm"
mount -t tmpfs tmp "$root/tmp"
chmod 1777 "$root/tmp" "$root/dev/shm"
while [ "$1" != -- ]; do
  mkdir -p "$root$1"
  mount --bind "$1" "$root$1"
  shift
done
shift
exec chroot "$root" "$@"`;

/**
 * Run a command of the checkout, which is at its own place there, inside a root, with the tools of node_modules.
 * @returns what it printed. @throws as `run` does.
 */
export function runInRoot(root: string, command: readonly string[], limitMs: number): Promise<string> {
  const shared = [checkout, realpathSync(join(checkout, 'node_modules'))];
  const path = `${checkout}/node_modules/.bin:/usr/sbin:/usr/bin:/sbin:/bin`;
  return run(
    [
      ...(['unshare', '--mount', '--pid', '--ipc', '--fork', '--kill-child'] as const),
      ...['sh', '-c', enter, 'sh', root, ...shared, '--'],
      ...['env', '-i', `PATH=${path}`, 'LANG=C.UTF-8', 'sh', '-c', 'cd "$0" && exec "$@"', checkout, ...command],
    ],
    { limitMs },
  );
}
