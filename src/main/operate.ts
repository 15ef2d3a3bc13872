import type { Command } from 'commander';
import type { ExitCode, GlobalOptions, OperatorLine } from '../cli/command-line.ts';

/** Run a command's code with this process's command line; the code is loaded by whoever calls. */
export async function operate(
  command: Command,
  work: (given: GlobalOptions, line: OperatorLine) => Promise<ExitCode>,
): Promise<void> {
  const { globalOptions } = await import('./command-line.ts');
  const { createOperatorLine } = await import('./operator-line.ts');
  process.exitCode = await work(globalOptions(command), createOperatorLine());
}
