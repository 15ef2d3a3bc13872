import { type Command, Option } from 'commander';
import { type ListFormat, listFormats } from '../cli/list/formats.ts';
import type { Tool } from '../cli/tool.ts';
import { groupOption } from './group-option.ts';
import { operate } from './operate.ts';

/** `remove CLUSTER`: forget it. Always asks. */
export function addRemoveCommand(program: Command, tool: Tool): void {
  program
    .command('remove')
    .description('delete everything that the store has of a cluster; always asks')
    .argument('<cluster>', 'its name')
    .addOption(groupOption())
    .addOption(new Option('-f, --format <format>', 'how to print its members').choices(listFormats).default('pretty'))
    .action((cluster: string, { format }: { readonly format: ListFormat }, command: Command) =>
      operate(command, async (given, line) => {
        const { runRemove } = await import('../cli/remove/run-remove.ts');
        return runRemove({ ...given, cluster, tool, format }, line);
      }),
    );
}
