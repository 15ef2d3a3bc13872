import { type Command, Option } from 'commander';
import { listFormats } from '../cli/list/formats.ts';
import { roles } from '../cli/members/words.ts';
import type { QueryOptions } from '../cli/sql/run-query.ts';
import type { Tool } from '../cli/tool.ts';
import { clusterArgument } from './cluster-argument.ts';
import { groupOption } from './group-option.ts';
import { jsonOption } from './json-option.ts';
import { operate } from './operate.ts';
import { repeatOf, type WatchOptions, watchOptions } from './watch-options.ts';

/** `dsn [CLUSTER]`: where a member's PostgreSQL is. */
export function addDsnCommand(program: Command, tool: Tool): void {
  withServer(program.command('dsn'))
    .description('print where a member’s PostgreSQL is: host and port')
    .addOption(jsonOption(tool))
    .action((cluster: string | undefined, { role, member, json }: GivenDsn, command: Command) =>
      operate(command, async (given, line) => {
        const { runDsn } = await import('../cli/sql/run-dsn.ts');
        const words = { role: role ?? null, member: member ?? null };
        return runDsn({ ...given, cluster: cluster ?? null, ...words, format: json ? 'json' : 'text' }, line);
      }),
    );
}

type GivenServer = { readonly role?: QueryOptions['role']; readonly member?: string };
type GivenDsn = GivenServer & { readonly json: boolean };

/** `query [CLUSTER]`: SQL, asked of a member. */
export function addQueryCommand(program: Command, tool: Tool): void {
  const [always, every] = watchOptions();
  withServer(program.command('query'))
    .description('ask a member’s PostgreSQL')
    .addOption(new Option('--format <format>', 'how to print it').choices(listFormats).default('tsv'))
    .addOption(jsonOption(tool))
    .option('-f, --file <file>', 'the statements are in this file; - is standard input')
    .option('-c, --command <sql>', 'the statements')
    .option('--password', 'ask for the password', false)
    .option('-U, --username <name>', 'as whom')
    .option('-d, --dbname <name>', 'in which database')
    .option('--delimiter <text>', 'between the columns of tsv', '\t')
    .addOption(always)
    .addOption(every)
    .action((cluster: string | undefined, options: GivenQuery, command: Command) => {
      const problem = sharedInput(options, process.stdin.isTTY);
      if (problem !== null) return command.error(`error: ${problem}`);
      return operate(command, async (given, line) => {
        const { runQuery } = await import('../cli/sql/run-query.ts');
        return runQuery(
          {
            ...given,
            cluster: cluster ?? null,
            tool,
            role: options.role ?? null,
            member: options.member ?? null,
            format: options.json ? 'json' : options.format,
            delimiter: options.delimiter,
            file: options.file ?? null,
            command: options.command ?? null,
            askPassword: options.password,
            user: options.username ?? null,
            database: options.dbname ?? null,
            repeat: repeatOf(options),
          },
          line,
        );
      });
    });
}

/** Typed at a terminal one comes after the other; of a file or a pipe the first statement would be the password. */
export function sharedInput(
  { password, file }: Pick<GivenQuery, 'password' | 'file'>,
  isTerminal: boolean,
): string | null {
  return password && file === '-' && !isTerminal
    ? 'standard input cannot be both the statements and the password: name a file, or set PGPASSWORD'
    : null;
}

type GivenQuery = GivenDsn &
  WatchOptions & {
    readonly format: QueryOptions['format'];
    readonly delimiter: string;
    readonly file?: string;
    readonly command?: string;
    readonly password: boolean;
    readonly username?: string;
    readonly dbname?: string;
  };

function withServer(command: Command): Command {
  return command
    .argument(...clusterArgument)
    .addOption(groupOption())
    .addOption(new Option('-r, --role <role>', 'of the first member of this role').choices(roles))
    .option('-m, --member <name>', 'of this member');
}
