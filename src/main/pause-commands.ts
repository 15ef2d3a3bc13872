import type { Command } from 'commander';
import type { PauseOptions } from '../cli/pause/run-pause.ts';
import type { Tool } from '../cli/tool.ts';
import { clusterArgument } from './cluster-argument.ts';
import { groupOption } from './group-option.ts';
import { jsonOption } from './json-option.ts';
import { operate } from './operate.ts';

/** `pause [CLUSTER]` and `resume [CLUSTER]`. */
export function addPauseCommands(program: Command, tool: Tool): void {
  const add = (name: string, wanted: PauseOptions['wanted'], description: string): void => {
    program
      .command(name)
      .description(description)
      .argument(...clusterArgument)
      .addOption(groupOption())
      .option('--wait', 'until every member has recognized it', false)
      .addOption(jsonOption(tool))
      .action((cluster: string | undefined, { wait, json }: Given, command: Command) =>
        operate(command, async (given, line) => {
          const { runPause } = await import('../cli/pause/run-pause.ts');
          const format = json ? 'json' : 'text';
          return runPause({ ...given, cluster: cluster ?? null, tool, format, wanted, wait }, line);
        }),
      );
  };
  add('pause', 'paused', 'stop managing the cluster: nothing is started, stopped or promoted');
  add('resume', 'resumed', 'manage the cluster again');
}

type Given = { readonly wait: boolean; readonly json: boolean };
