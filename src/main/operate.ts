import type { Command } from 'commander';
import type { ExitCode, GlobalOptions, OperatorLine } from '../cli/command-line.ts';

/** Run a command's code with this process's command line; the code is loaded by whoever calls. */
export async function operate(
  command: Command,
  work: (given: GlobalOptions, line: OperatorLine) => Promise<ExitCode>,
): Promise<void> {
  const { endWith, globalOptions } = await import('./command-line.ts');
  const { createOperatorLine } = await import('./operator-line.ts');
  endWith(await work(globalOptions(command), createOperatorLine()));
}
