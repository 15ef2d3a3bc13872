import type { Command } from 'commander';
import type { Tool } from '../cli/tool.ts';
import { groupOption } from './group-option.ts';
import { jsonOption } from './json-option.ts';
import { repeatOf, type WatchOptions, watchOptions } from './watch-options.ts';

/** `topology [CLUSTER...]`: who follows whom. */
export function addTopologyCommand(program: Command, tool: Tool): void {
  const [always, every] = watchOptions();
  program
    .command('topology')
    .description('show the members of a cluster as a tree: who follows whom')
    .argument('[clusters...]', 'names of clusters; the configured scope when none is given')
    .addOption(groupOption())
    .addOption(jsonOption(tool))
    .addOption(always)
    .addOption(every)
    .action(async (clusters: readonly string[], options: Given, command: Command) => {
      const { runList } = await import('../cli/list/run-list.ts');
      const { createCommandLine, endWith, globalOptions } = await import('./command-line.ts');
      const code = await runList(
        {
          ...globalOptions(command),
          clusters,
          format: options.json ? 'json' : 'pretty',
          extended: false,
          order: 'tree',
          timestampOn: null,
          repeat: repeatOf(options),
        },
        createCommandLine(),
      );
      endWith(code);
    });
}

type Given = WatchOptions & { readonly json: boolean };
