import { type Command, Option } from 'commander';
import type { Tool } from '../cli/tool.ts';

/** `--json`, which is ours: under the name of Patroni's tool it is not shown. */
export function jsonOption(tool: Tool): Option {
  return new Option('--json', 'print JSON').default(false).hideHelp(tool === 'patronictl');
}

/** A program cannot answer: a command that asks for consent ends here unless it is told not to ask. */
export function refuseToAsk(
  command: Command,
  { json, force }: { readonly json: boolean; readonly force: boolean },
): void {
  if (json && !force) command.error('error: --json answers programs, so nothing can be asked: add --force');
}
