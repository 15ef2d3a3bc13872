import { type Command, Option } from 'commander';
import { type ListFormat, listFormats } from '../cli/list/formats.ts';
import type { Tool } from '../cli/tool.ts';
import { clusterArgument } from './cluster-argument.ts';
import { groupOption } from './group-option.ts';
import { jsonOption } from './json-option.ts';
import { operate } from './operate.ts';

/** `history [CLUSTER]`: one row for each timeline that ended. */
export function addHistoryCommand(program: Command, tool: Tool): void {
  program
    .command('history')
    .description('show when the cluster changed its timeline, and who led next')
    .argument(...clusterArgument)
    .addOption(groupOption())
    .addOption(new Option('-f, --format <format>', 'how to print it').choices(listFormats).default('pretty'))
    .addOption(jsonOption(tool))
    .action((cluster: string | undefined, options: Given, command: Command) =>
      operate(command, async (given, line) => {
        const { runHistory } = await import('../cli/history/run-history.ts');
        const format = options.json ? 'json' : options.format;
        return runHistory({ ...given, cluster: cluster ?? null, format }, line);
      }),
    );
}

type Given = { readonly format: ListFormat; readonly json: boolean };
