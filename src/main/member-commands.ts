import { type Command, Option } from 'commander';
import { flushable, roles } from '../cli/members/words.ts';
import type { Tool } from '../cli/tool.ts';
import { groupOption } from './group-option.ts';
import { jsonOption, refuseToAsk } from './json-option.ts';
import { operate } from './operate.ts';

/** What is asked of single members: `restart`, `reload`, `reinit`, `flush`. */
export function addMemberCommands(program: Command, tool: Tool): void {
  addRestart(program, tool);
  addReload(program, tool);
  addReinit(program, tool);
  addFlush(program, tool);
}

type Given = { readonly force: boolean; readonly json: boolean };
type GivenRole = Given & { readonly role: (typeof roles)[number] };

function addRestart(program: Command, tool: Tool): void {
  withMembers(program.command('restart'), tool)
    .description('restart the PostgreSQL of members, now or at a time')
    .addOption(roleOption())
    .option('--any', 'one of them, whichever', false)
    .option('--scheduled <time>', 'when, if not now: ISO 8601')
    .option('--pg-version <version>', 'only where PostgreSQL is older')
    .option('--pending', 'only where a parameter waits for a restart', false)
    .option('--timeout <time>', 'how long PostgreSQL may take to start')
    .action((cluster: string, members: readonly string[], options: GivenRestart, command: Command) => {
      refuseToAsk(command, options);
      return operate(command, async (given, line) => {
        const { runRestart } = await import('../cli/members/run-restart.ts');
        const { role, force, pending } = options;
        const drawOne = options.any ? (count: number): number => Math.floor(Math.random() * count) : null;
        const { scheduled = null, pgVersion = null, timeout = null } = options;
        const wish = { drawOne, scheduled, pgVersion, pending, timeout };
        return runRestart({ ...given, cluster, members, tool, format: formatOf(options), role, force, ...wish }, line);
      });
    });
}

type GivenRestart = GivenRole & {
  readonly any: boolean;
  readonly scheduled?: string;
  readonly pgVersion?: string;
  readonly pending: boolean;
  readonly timeout?: string;
};

function addReload(program: Command, tool: Tool): void {
  withMembers(program.command('reload'), tool)
    .description('have agents read their configuration again')
    .addOption(roleOption())
    .action((cluster: string, members: readonly string[], options: GivenRole, command: Command) => {
      refuseToAsk(command, options);
      return operate(command, async (given, line) => {
        const { runReload } = await import('../cli/members/run-reload.ts');
        const { role, force } = options;
        return runReload({ ...given, cluster, members, tool, format: formatOf(options), role, force }, line);
      });
    });
}

function addReinit(program: Command, tool: Tool): void {
  withMembers(program.command('reinit'), tool)
    .description('replace the data of replicas by a new copy of the leader’s')
    .option('--from-leader', 'copy the leader', false)
    .option('--wait', 'until the copies run', false)
    .action((cluster: string, members: readonly string[], options: GivenReinit, command: Command) => {
      refuseToAsk(command, options);
      return operate(command, async (given, line) => {
        const { runReinit } = await import('../cli/members/run-reinit.ts');
        const { force, fromLeader, wait } = options;
        return runReinit(
          { ...given, cluster, members, tool, format: formatOf(options), force, fromLeader, wait },
          line,
        );
      });
    });
}

type GivenReinit = Given & { readonly fromLeader: boolean; readonly wait: boolean };

function addFlush(program: Command, tool: Tool): void {
  program
    .command('flush')
    .description('take back what is scheduled')
    .usage('[options] <cluster> [members...] restart|switchover')
    .argument('<cluster>', 'its name')
    .argument('<words...>', 'members, and last what is taken back: restart or switchover')
    .addOption(groupOption())
    .option('--force', 'ask nothing', false)
    .addOption(jsonOption(tool))
    .addOption(roleOption())
    .action((cluster: string, words: readonly string[], options: GivenRole, command: Command) => {
      const target = flushable.find((each) => each === words.at(-1));
      if (target === undefined) return command.error(`error: the last argument is one of ${flushable.join(', ')}`);
      if (target === 'restart') refuseToAsk(command, options);
      return operate(command, async (given, line) => {
        const { runFlush } = await import('../cli/members/run-flush.ts');
        const { role, force } = options;
        const members = words.slice(0, -1);
        return runFlush({ ...given, cluster, members, tool, format: formatOf(options), role, force, target }, line);
      });
    });
}

function withMembers(command: Command, tool: Tool): Command {
  return command
    .argument('<cluster>', 'its name')
    .argument('[members...]', 'names; all when none is given')
    .addOption(groupOption())
    .option('--force', 'ask nothing', false)
    .addOption(jsonOption(tool));
}

function roleOption(): Option {
  return new Option('-r, --role <role>', 'only members of this role').choices(roles).default('any');
}

function formatOf({ json }: { readonly json: boolean }): 'text' | 'json' {
  return json ? 'json' : 'text';
}
