import type { ExitCode } from './command-line.ts';

/** Under whose name a command was called. Both say the same; they differ in exit codes, and in what is shown of waiting. */
export type Tool = 'matriarch' | 'patronictl';

/**
 * The exit code when what was asked for did not happen. Scripts written for Patroni's tool read its texts, and break on
 * anything but 0 (spec/ctl.md 3).
 */
export function codeOfFailure(tool: Tool): ExitCode {
  return tool === 'patronictl' ? 0 : 1;
}
