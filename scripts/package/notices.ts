import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockedPackages } from './lock-file.ts';

const root = join(import.meta.dirname, '../..');

/** The licences of what the bundle holds, and where those of Node and its library are. */
export function notices(): string {
  return [
    'Matriarch itself is under the Apache License 2.0 (LICENSE). What comes with it:',
    rule,
    'node/bin/node: Node.js. Its licence, and those of what it holds, are in node/LICENSE.',
    rule,
    'node/lib/libatomic.so.1: part of GCC, Copyright the Free Software Foundation, Inc., under the GNU General Public',
    'License version 3 with the GCC Runtime Library Exception version 3.1. Source: package gcc of Debian, https://gcc.gnu.org.',
    ...bundledPackages().flatMap(({ name, version, license }) => [rule, `dist: ${name} ${version}`, '', license]),
    '',
  ].join('\n');
}

const rule = `\n${'-'.repeat(80)}\n`;

interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

/** Those that the lock file installs for production; some of them may not be reached by the bundle, none is missing. */
function bundledPackages(): readonly BundledPackage[] {
  return [...lockedPackages(root)]
    .filter(([path, { dev, optional }]) => path.startsWith('node_modules/') && !dev && !optional)
    .map(([path, { version = '', license = 'unknown' }]) => ({
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version,
      license: licenseText(path) ?? `(license: ${license})`,
    }));
}

function licenseText(path: string): string | null {
  const [file] = globSync('{LICENSE,LICENCE,license}*', { cwd: join(root, path) }).toSorted();
  return file === undefined ? null : readFileSync(join(root, path, file), 'utf8').trimEnd();
}
