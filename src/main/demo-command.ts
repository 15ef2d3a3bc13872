import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { User, World } from '../playground/world.ts';

/** `demo`: three nodes on this machine, a killed primary, and its return; as text. */
export function addDemoCommand(program: Command): void {
  program
    .command('demo', { hidden: true })
    .description('A cluster on this machine loses its primary and gets it back; leaves nothing behind')
    .action(async () => {
      const { runDemo } = await import('../playground/demo.ts');
      let interruption: Error | null = null;
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
        process.on(signal, () => {
          interruption = new Error(`interrupted by ${signal}`);
        });
      }
      try {
        await runDemo(
          world(() => interruption),
          searchPath(),
        );
      } catch (error) {
        console.error(`matriarch: ${error instanceof Error ? error.message : String(error)}`);
        process.exitCode = 1;
      }
    });
}

function world(interruption: World['interruption']): World {
  return {
    now: () => performance.now(),
    wallNow: () => Date.now(),
    sleep: (span) => pause(span),
    interruption,
    print: (line) => console.log(line),
    program: { node: process.execPath, script: process.argv[1] ?? '' },
    user: process.getuid?.() === 0 ? serviceUser() : null,
  };
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

/** Servers live in sbin on some systems, which an ordinary PATH lacks. */
function searchPath(): string {
  return `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;
}
