import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { lockedPackages } from './lock-file.ts';

export const architectures = ['x64', 'arm64'] as const;
export type Architecture = (typeof architectures)[number];

export interface NodeRuntime {
  readonly program: string;
  readonly license: string;
  /** The one library that Node needs and that not every system has. */
  readonly libatomic: string;
}

const root = join(import.meta.dirname, '../..');

/**
 * The Node of the lock file for an architecture: the one of node_modules, or fetched into `scratch` for another machine
 * than this one.
 * @throws When it, or its library, is not to be had; the message says what to do.
 */
export function nodeRuntime(architecture: Architecture, scratch: string): NodeRuntime {
  const name = `node-linux-${architecture}`;
  const installed = join(root, 'node_modules', name);
  const folder = existsSync(join(installed, 'bin/node')) ? installed : fetchNode(name, scratch);
  const isOwn = architecture === process.arch;
  return {
    program: join(folder, 'bin/node'),
    license: join(folder, 'LICENSE'),
    libatomic: isOwn ? installedLibatomic() : fetchLibatomic(architecture, scratch),
  };
}

/** By npm, which knows the registry; checked against the lock file. */
function fetchNode(name: string, scratch: string): string {
  const entry = lockedPackages(root).get(`node_modules/${name}`);
  if (entry?.version === undefined) throw new Error(`package-lock.json does not lock ${name}`);
  const args = ['pack', `${name}@${entry.version}`, `--pack-destination=${scratch}`, '--loglevel=error'];
  execFileSync('npm', args, { cwd: scratch, stdio: ['ignore', 'ignore', 'inherit'] });
  const archive = join(scratch, `${name}-${entry.version}.tgz`);
  const integrity = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (integrity !== entry.integrity) throw new Error(`${name}: its hash is not that of package-lock.json`);
  const folder = join(scratch, name);
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['-xzf', archive, '-C', folder, '--strip-components=1']);
  return folder;
}

function installedLibatomic(): string {
  const [path] = globSync(['/usr/lib/*/libatomic.so.1', '/usr/lib64/libatomic.so.1', '/usr/lib/libatomic.so.1']);
  if (path === undefined) throw new Error('libatomic.so.1 is missing: ./run setup installs it (Debian: libatomic1)');
  return realpathSync(path);
}

/** From Debian, with package lists of its own: the system's know only the system's architecture. */
function fetchLibatomic(architecture: Architecture, scratch: string): string {
  const folder = join(scratch, `libatomic-${architecture}`);
  mkdirSync(join(folder, 'lists/partial'), { recursive: true });
  mkdirSync(join(folder, 'cache/archives/partial'), { recursive: true });
  const apt = (...args: readonly string[]): void => {
    const options = [
      `APT::Architecture=${architecture}`,
      `APT::Architectures=${architecture}`,
      `Dir::State::Lists=${folder}/lists`,
      `Dir::Cache=${folder}/cache`,
      'APT::Sandbox::User=root',
    ].flatMap((option) => ['-o', option]);
    execFileSync('apt-get', ['-qq', ...options, ...args], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  };
  apt('update');
  apt('download', 'libatomic1');
  const [archive] = globSync(join(folder, 'libatomic1_*.deb'));
  if (archive === undefined) throw new Error(`Debian has no libatomic1 for ${architecture}`);
  execFileSync('dpkg-deb', ['-x', archive, join(folder, 'files')]);
  const [library] = globSync(join(folder, 'files/usr/lib/*/libatomic.so.1'));
  if (library === undefined) throw new Error(`${archive} has no libatomic.so.1`);
  return realpathSync(library);
}
