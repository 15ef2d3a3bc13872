import type { Command } from 'commander';
import type { Tool } from '../cli/tool.ts';
import { clusterArgument } from './cluster-argument.ts';
import { groupOption } from './group-option.ts';
import { jsonOption, refuseToAsk } from './json-option.ts';
import { operate } from './operate.ts';

/** `switchover [CLUSTER]`: planned, from a healthy leader, without loss. `failover [CLUSTER]`: to a named member, come what may. */
export function addHandoverCommands(program: Command, tool: Tool): void {
  const switchover = program
    .command('switchover')
    .description('hand the leadership over to another member, without loss')
    .option('--leader <member>', 'who leads now')
    .option('--primary <member>', 'the same as --leader')
    .option('--scheduled <time>', 'when, if not now: ISO 8601');
  const failover = program
    .command('failover')
    .description('make another member the leader, also when nobody leads; may lose commits');
  for (const each of [switchover, failover]) {
    const handover = each === switchover ? 'switchover' : 'failover';
    each
      .argument(...clusterArgument)
      .addOption(groupOption())
      .option('--candidate <member>', 'who is to lead')
      .option('--force', 'ask nothing', false)
      .addOption(jsonOption(tool))
      .action((cluster: string | undefined, options: Given, command: Command) => {
        refuseToAsk(command, options);
        return operate(command, async (given, line) => {
          const { runHandover } = await import('../cli/handover/run-handover.ts');
          return runHandover(
            {
              ...given,
              cluster: cluster ?? null,
              tool,
              format: options.json ? 'json' : 'text',
              handover,
              leader: options.leader ?? options.primary ?? null,
              candidate: options.candidate ?? null,
              scheduled: options.scheduled ?? null,
              force: options.force,
            },
            line,
          );
        });
      });
  }
}

type Given = {
  readonly leader?: string;
  readonly primary?: string;
  readonly candidate?: string;
  readonly scheduled?: string;
  readonly force: boolean;
  readonly json: boolean;
};
