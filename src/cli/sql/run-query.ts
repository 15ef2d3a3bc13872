import type { SqlAnswer, SqlFailure, SqlSession } from '../../ports/sql.ts';
import type { ExitCode, OperatorLine } from '../command-line.ts';
import { givenText } from '../given-text.ts';
import type { SeenCluster } from '../groups.ts';
import type { ListFormat } from '../list/formats.ts';
import { localTime } from '../local-time.ts';
import { renderRows } from '../render-rows.ts';
import type { Repeat } from '../repeat.ts';
import { aborted, isStop, type Stop, stop } from '../stop.ts';
import { codeOfFailure, type Tool } from '../tool.ts';
import { type ClusterOptions, withCluster } from '../with-cluster.ts';
import { chooseServer, contradiction, type ServerWords } from './choose-server.ts';

export type QueryOptions = ClusterOptions &
  ServerWords & {
    readonly tool: Tool;
    readonly format: ListFormat;
    readonly delimiter: string;
    /** Exactly one of both. `-`: standard input. */
    readonly file: string | null;
    readonly command: string | null;
    /** Ask for a password first. */
    readonly askPassword: boolean;
    readonly user: string | null;
    readonly database: string | null;
    readonly repeat: Repeat;
  };

/** `query`: a statement, asked of one member's PostgreSQL; again with a new connection as often as it is repeated (spec/ctl.md 10). */
export async function runQuery(options: QueryOptions, line: OperatorLine): Promise<ExitCode> {
  return withCluster(options, line, async (cluster) => {
    const wrong = contradiction(options) ?? doubled(options);
    if (wrong !== null) return wrong;
    const password = options.askPassword ? await line.askSecret('Password: ') : null;
    if (options.askPassword && password === null) return aborted;
    const text = await statement(options, line);
    if (isStop(text)) {
      line.stderr.write(`${text.line}\n`);
      return WRONG_USAGE;
    }
    const seen = await cluster.view();
    if (isStop(seen)) return seen;
    for (;;) {
      const answer = await askServer({ seen, text, password }, options, line);
      line.stdout.write(rendered(answer, options, line));
      // The row in its place is that of Patroni's tool, which holds a code alone, and as JSON nothing.
      if (answer.kind === 'failed') line.stderr.write(`Error: ${answer.because}\n`);
      if (options.repeat.kind === 'once') return answer.kind === 'failed' ? codeOfFailure(options.tool) : 0;
      await line.sleep(options.repeat.milliseconds);
    }
  });
}

function doubled({ file, command }: QueryOptions): Stop | null {
  if (file !== null && command !== null) return stop('--file and --command are mutually exclusive options');
  return file === null && command === null ? stop('You need to specify either --command or --file') : null;
}

function statement({ file, command }: QueryOptions, line: OperatorLine): Promise<string | Stop> {
  return command === null ? givenText(file ?? '', line) : Promise.resolve(command);
}

/** A file that cannot be read counts as that (spec/ctl.md 10). */
const WRONG_USAGE: ExitCode = 2;

/** What the server said, or the sentence in place of it. */
type Answer = Exclude<SqlAnswer, { kind: 'failed' }> | Failed;
type Failed = { readonly kind: 'failed'; readonly says: string; readonly because: string };

type Asked = { readonly seen: SeenCluster; readonly text: string; readonly password: string | null };

async function askServer({ seen, text, password }: Asked, options: QueryOptions, line: OperatorLine): Promise<Answer> {
  const server = chooseServer(seen, options);
  if (server === null) return noConnection(options);
  const { user, database } = options;
  const connected = await line.connectSql({ host: server.host, port: server.port, user, password, database });
  if (connected.kind === 'failed') return error(connected, server);
  try {
    if (!(await isWhatItShouldBe(connected.session, options))) return noConnection(options);
    const answer = await connected.session.query(text);
    return answer.kind === 'failed' ? error(answer, server) : answer;
  } finally {
    await connected.session.close();
  }
}

/** A role that says more than who has the lock is checked: the store may be a moment behind. */
async function isWhatItShouldBe(session: SqlSession, { role }: QueryOptions): Promise<boolean> {
  if (role === null || role === 'leader' || role === 'any') return true;
  const answer = await session.query('SELECT pg_is_in_recovery()');
  return answer.kind === 'rows' && answer.rows[0]?.[0] === (role !== 'primary');
}

function noConnection({ role, member }: ServerWords): Answer {
  const to = member === null ? (role === null ? '' : ` to role '${role}'`) : ` to member ${member}`;
  const says = `No connection${to} is available`;
  return { kind: 'failed', says, because: says };
}

function error(
  { sqlState, message }: SqlFailure,
  { host, port }: { readonly host: string; readonly port: number },
): Failed {
  const words = message.replaceAll('\n', ' ');
  return { kind: 'failed', says: `ERROR, SQLSTATE: ${sqlState ?? words}`, because: `${host}:${port}: ${words}` };
}

function rendered(answer: Answer, { format, delimiter }: QueryOptions, line: OperatorLine): string {
  switch (answer.kind) {
    case 'no-rows':
      return '';
    case 'rows': {
      const columns = answer.columns.map((header) => ({ header, align: 'left' }) as const);
      return renderRows({ columns, rows: answer.rows, format, delimiter });
    }
    case 'failed':
      return renderRows({ columns: null, rows: [[localTime(line.wallNow()), answer.says]], format, delimiter });
  }
}
