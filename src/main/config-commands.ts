import type { Command } from 'commander';
import type { Tool } from '../cli/tool.ts';
import { clusterArgument } from './cluster-argument.ts';
import { groupOption } from './group-option.ts';
import { jsonOption, refuseToAsk } from './json-option.ts';
import { operate } from './operate.ts';

/** `show-config [CLUSTER]` and `edit-config [CLUSTER]`. */
export function addConfigCommands(program: Command, tool: Tool): void {
  addShowConfig(program, tool);
  addEditConfig(program, tool);
}

export function addShowConfig(program: Command, tool: Tool): void {
  program
    .command('show-config')
    .description('show the dynamic configuration')
    .argument(...clusterArgument)
    .addOption(groupOption())
    .addOption(jsonOption(tool))
    .action((cluster: string | undefined, { json }: { readonly json: boolean }, command: Command) =>
      operate(command, async (given, line) => {
        const { runShowConfig } = await import('../cli/config/run-show-config.ts');
        return runShowConfig({ ...given, cluster: cluster ?? null, tool, format: json ? 'json' : 'yaml' }, line);
      }),
    );
}

function addEditConfig(program: Command, tool: Tool): void {
  program
    .command('edit-config')
    .description('change the dynamic configuration: by options, by a file, or in an editor')
    .argument(...clusterArgument)
    .addOption(groupOption())
    .option('-q, --quiet', 'do not show the difference', false)
    .option('-s, --set <key=value>', 'set an option; null removes it (repeatable)', collect, [])
    .option('-p, --pg <key=value>', 'set a parameter of PostgreSQL (repeatable)', collect, [])
    .option('--apply <file>', 'merge a YAML file into it; - is standard input')
    .option('--replace <file>', 'put a YAML file in its place; - is standard input')
    .option('--force', 'ask nothing', false)
    .addOption(jsonOption(tool))
    .action((cluster: string | undefined, options: Given, command: Command) => {
      refuseToAsk(command, options);
      return operate(command, async (given, line) => {
        const { runEditConfig } = await import('../cli/config/run-edit-config.ts');
        return runEditConfig(
          {
            ...given,
            cluster: cluster ?? null,
            tool,
            format: options.json ? 'json' : 'text',
            replaceFile: options.replace ?? null,
            applyFile: options.apply ?? null,
            set: options.set,
            parameters: options.pg,
            quiet: options.quiet,
            force: options.force,
          },
          line,
        );
      });
    });
}

type Given = {
  readonly quiet: boolean;
  readonly set: readonly string[];
  readonly pg: readonly string[];
  readonly apply?: string;
  readonly replace?: string;
  readonly force: boolean;
  readonly json: boolean;
};

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
