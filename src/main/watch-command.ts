import type { Command } from 'commander';
import type { WatchOptions } from '../cli/watch/run-watch.ts';
import { clusterArgument } from './cluster-argument.ts';
import { groupOption } from './group-option.ts';
import { Interrupted, interruptions } from './interruptions.ts';
import { jsonOption } from './json-option.ts';
import { operate } from './operate.ts';
import { colorsOf, isTerminal } from './own-terminal.ts';

/** `watch [CLUSTER]`: the members live on the screen; without a terminal as a line at each change. */
export function addWatchCommand(program: Command): void {
  program
    .command('watch')
    .description('look on live: roles, positions, the lease, and why things happen; writes nothing')
    .argument(...clusterArgument)
    .addOption(groupOption())
    .addOption(jsonOption('matriarch'))
    .action(async (cluster: string | undefined, { json }: { readonly json: boolean }, command: Command) => {
      const { runWatch } = await import('../cli/watch/run-watch.ts');
      const show = json ? endless('json') : isTerminal() ? ownTerminal() : endless('lines');
      try {
        await operate(command, (given, line) => runWatch({ ...given, cluster: cluster ?? null, show }, line));
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
        process.exit(error.exitCode);
      }
    });
}

/** There is nothing to restore: a signal just ends us. */
function endless(as: 'lines' | 'json'): WatchOptions['show'] {
  return { as, isOver: () => false };
}

function ownTerminal(): WatchOptions['show'] {
  return {
    as: 'view',
    // Not before there is something to show: until then a signal just ends us.
    terminal: () => ({
      input: process.stdin,
      output: process.stdout,
      colors: colorsOf(process.stdout),
      interruption: interruptions(),
      atExit: (restore) => process.once('exit', restore),
    }),
  };
}
