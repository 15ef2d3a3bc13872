import { type Command, InvalidArgumentError } from 'commander';
import type { Tool } from '../cli/tool.ts';
import { clusterArgument } from './cluster-argument.ts';
import { jsonOption, refuseToAsk } from './json-option.ts';
import { operate } from './operate.ts';

/** `demote-cluster [CLUSTER]` and `promote-cluster [CLUSTER]`. */
export function addRemoteCommands(program: Command, tool: Tool): void {
  program
    .command('demote-cluster')
    .description('let the cluster follow the primary of another one')
    .argument(...clusterArgument)
    .option('--force', 'do not ask', false)
    .addOption(jsonOption(tool))
    .option('--host <host>', 'address of the remote node')
    .option('--port <port>', 'its port', portOf)
    .option('--restore-command <command>', 'fetches WAL from its archive')
    .option('--primary-slot-name <name>', 'the slot to use there')
    .action((cluster: string | undefined, given: Demotion, command: Command) => {
      refuseToAsk(command, given);
      return operate(command, async (globals, line) => {
        const { runRemote } = await import('../cli/remote/run-remote.ts');
        const { host = null, port = null, restoreCommand = null, primarySlotName = null } = given;
        const follow = { host, port, restoreCommand, primarySlotName };
        return runRemote(
          { ...globals, cluster: cluster ?? null, force: given.force, format: formatOf(given), follow },
          line,
        );
      });
    });
  program
    .command('promote-cluster')
    .description('let a cluster that follows another one go its own way')
    .argument(...clusterArgument)
    .option('--force', 'do not ask', false)
    .addOption(jsonOption(tool))
    .action((cluster: string | undefined, given: Asking, command: Command) => {
      refuseToAsk(command, given);
      return operate(command, async (globals, line) => {
        const { runRemote } = await import('../cli/remote/run-remote.ts');
        const { force } = given;
        return runRemote({ ...globals, cluster: cluster ?? null, force, format: formatOf(given), follow: null }, line);
      });
    });
}

type Asking = { readonly force: boolean; readonly json: boolean };

type Demotion = Asking & {
  readonly host?: string;
  readonly port?: number;
  readonly restoreCommand?: string;
  readonly primarySlotName?: string;
};

function formatOf({ json }: Asking): 'text' | 'json' {
  return json ? 'json' : 'text';
}

function portOf(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('a number is wanted.');
  return Number(text);
}
