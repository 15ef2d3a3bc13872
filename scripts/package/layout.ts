import { chmodSync, copyFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manPages } from './man-pages.ts';
import type { NodeRuntime } from './node-runtime.ts';
import { notices } from './notices.ts';

const root = join(import.meta.dirname, '../..');

/**
 * Everything of an installation, in a folder that works wherever it is moved to (docs/installation.md). What starts is
 * in `bin`; the launcher finds `dist` and `node` beside it.
 */
export function layOut(folder: string, { node, date }: { readonly node: NodeRuntime; readonly date: string }): void {
  const inside = (path: string): string => join(folder, path);
  for (const path of ['node/bin', 'node/lib', 'share/man/man1']) {
    mkdirSync(inside(path), { recursive: true });
  }
  for (const path of ['bin', 'dist', 'docs'])
    cpSync(join(root, path), inside(path), { recursive: true, filter: isShipped });
  copyFileSync(node.program, inside('node/bin/node'));
  chmodSync(inside('node/bin/node'), 0o755);
  copyFileSync(node.license, inside('node/LICENSE'));
  copyFileSync(node.libatomic, inside('node/lib/libatomic.so.1'));
  for (const [name, text] of manPages(date)) writeFileSync(inside(`share/man/man1/${name}`), text);
  for (const path of ['systemd', 'udev', 'helpers']) {
    cpSync(join(root, 'packaging', path), inside(`share/${path}`), { recursive: true });
  }
  for (const path of ['LICENSE', 'README.md']) copyFileSync(join(root, path), inside(path));
  writeFileSync(inside('NOTICES'), notices());
}

/** `.built` says when, which nobody needs who did not build it. */
function isShipped(path: string): boolean {
  return !path.endsWith('/.built');
}
