import type { Command } from 'commander';
import type { Tool } from '../cli/tool.ts';
import { groupOption } from './group-option.ts';
import { jsonOption } from './json-option.ts';
import { operate } from './operate.ts';

/** `version [CLUSTER [MEMBER...]]`: this tool's, and those of agents and servers. */
export function addVersionCommand(program: Command, tool: Tool): void {
  program
    .command('version')
    .description('print the version of this tool, and of a cluster’s agents and servers')
    .argument('[cluster]', 'its name; without it only this tool’s version is printed')
    .argument('[members...]', 'names; all when none is given')
    .addOption(groupOption())
    .addOption(jsonOption(tool))
    .action(
      (
        cluster: string | undefined,
        members: readonly string[],
        { json }: { readonly json: boolean },
        command: Command,
      ) =>
        operate(command, async (given, line) => {
          const { runVersion } = await import('../cli/version/run-version.ts');
          const format = json ? 'json' : 'text';
          return runVersion({ ...given, cluster: cluster ?? null, members, tool, format }, line);
        }),
    );
}
