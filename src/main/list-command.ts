import { type Command, Option } from 'commander';
import { type ListFormat, listFormats } from '../cli/list/formats.ts';
import type { Tool } from '../cli/tool.ts';
import { groupOption } from './group-option.ts';
import { jsonOption } from './json-option.ts';
import { repeatOf, type WatchOptions, watchOptions } from './watch-options.ts';

/** `list [CLUSTER...]`: the members of a cluster as the store knows them. */
export function addListCommand(program: Command, tool: Tool): void {
  const [always, every] = watchOptions();
  program
    .command('list')
    .description('show the members of a cluster: role, state, timeline, lag')
    .argument('[clusters...]', 'names of clusters; the configured scope when none is given')
    .addOption(groupOption())
    .addOption(new Option('-f, --format <format>', 'how to print it').choices(listFormats).default('pretty'))
    .addOption(jsonOption(tool))
    .option('-e, --extended', 'show columns without values, too', false)
    .option('-t, --timestamp', 'say when', false)
    .addOption(always)
    .addOption(every)
    .action(async (clusters: readonly string[], options: Given, command: Command) => {
      const { runList } = await import('../cli/list/run-list.ts');
      const { createCommandLine, endWith, globalOptions } = await import('./command-line.ts');
      const code = await runList(
        {
          ...globalOptions(command),
          clusters,
          format: options.json ? 'json' : options.format,
          extended: options.extended,
          order: 'names',
          timestampOn: placeOfTime(options),
          repeat: repeatOf(options),
        },
        createCommandLine(),
      );
      endWith(code);
    });
}

/** Patroni's tool says the time before JSON, too. What is called with `--json` gets nothing else there. */
export function placeOfTime({ timestamp, json }: Pick<Given, 'timestamp' | 'json'>): 'stdout' | 'stderr' | null {
  if (!timestamp) return null;
  return json ? 'stderr' : 'stdout';
}

/** As commander hands the options over. */
type Given = WatchOptions & {
  readonly format: ListFormat;
  readonly extended: boolean;
  readonly timestamp: boolean;
  readonly json: boolean;
};
