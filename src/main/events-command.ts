import { type Command, InvalidArgumentError } from 'commander';
import { clusterArgument } from './cluster-argument.ts';
import { groupOption } from './group-option.ts';
import { jsonOption } from './json-option.ts';
import { operate } from './operate.ts';

/** `events [CLUSTER]`: what the agents remember. */
export function addEventsCommand(program: Command): void {
  program
    .command('events')
    .description('tell what changed, and by which rule, as the agents remember it')
    .argument(...clusterArgument)
    .option(
      '-m, --member <name>',
      'of this member only (repeatable)',
      (name: string, before: readonly string[]) => [...before, name],
      [],
    )
    .option('-n, --limit <count>', 'the newest so many', count, 50)
    .addOption(groupOption())
    .addOption(jsonOption('matriarch'))
    .action((cluster: string | undefined, { member, limit, json }: Given, command: Command) =>
      operate(command, async (given, line) => {
        const { runEvents } = await import('../cli/events/run-events.ts');
        const format = json ? 'json' : 'text';
        return runEvents({ ...given, cluster: cluster ?? null, members: member, limit, format }, line);
      }),
    );
}

type Given = { readonly member: readonly string[]; readonly limit: number; readonly json: boolean };

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It is no count above zero.');
  return value;
}
