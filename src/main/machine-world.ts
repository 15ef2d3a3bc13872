import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { User, World } from '../playground/world.ts';

/** The real outside of a playground. `script`: this program, another command of which runs an agent. */
export function machineWorld(own: { readonly interruption: World['interruption']; readonly script: string }): World {
  return {
    now: () => performance.now(),
    wallNow: () => Date.now(),
    sleep: (span) => pause(span),
    interruption: own.interruption,
    print: (line) => console.log(line),
    program: { node: process.execPath, script: own.script },
    user: process.getuid?.() === 0 ? serviceUser() : null,
  };
}

/** Servers live in sbin on some systems, which an ordinary PATH lacks. */
export function programPath(): string {
  return `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;
}

/** Root's stand-in: the user that PostgreSQL's packages bring. */
function serviceUser(): User {
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === 'postgres');
  if (entry === undefined) throw new Error('PostgreSQL refuses root, and there is no user postgres to run it as');
  return { name: 'postgres', uid: Number(entry[2]), gid: Number(entry[3]) };
}
