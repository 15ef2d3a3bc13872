import { spawnSync } from 'node:child_process';
import { constants, copyFileSync, cpSync, mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { World } from '../world.ts';

/**
 * This program where the user it shall run as can read it: in place if possible, else as a copy in `folder` (a checkout
 * below /root, for instance, is root's alone).
 */
export function readableProgram({ program, user }: World, folder: string): World['program'] {
  if (user === null || runsAs(user, program)) return program;
  const home = join(folder, 'program');
  mkdirSync(home, { mode: 0o755 });
  const copy = { node: join(home, 'node'), script: join(home, 'dist', basename(program.script)) };
  copyFileSync(program.node, copy.node, constants.COPYFILE_FICLONE);
  // The bundle runs by itself; everything that it may load lies beside it.
  cpSync(dirname(program.script), dirname(copy.script), { recursive: true });
  if (!runsAs(user, copy)) throw new Error(`${user.name} cannot run ${program.script}, and neither a copy of it`);
  return copy;
}

function runsAs({ uid, gid }: { readonly uid: number; readonly gid: number }, program: World['program']): boolean {
  const { status } = spawnSync(program.node, [program.script, '--version'], { uid, gid, cwd: '/', stdio: 'ignore' });
  return status === 0;
}
