import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DesiredPostgres } from '../../../domain/desired-postgres.ts';
import type { TaskOutcome } from '../../../domain/task.ts';
import type { Millis } from '../../../domain/time.ts';
import { seconds } from '../../../domain/time.ts';
import type { TaskContext } from '../../../ports/postgres.ts';
import { toolPath } from '../binaries.ts';
import { conninfoText } from '../connection/conninfo.ts';
import { localAddress } from '../connection/local-address.ts';
import type { Session } from '../connection/session.ts';
import { reasonOf } from '../errors.ts';
import { HBA_FILE } from '../files/configuration.ts';
import { namesIn } from '../files/names-in.ts';
import { isUnfinished, markFinished, markUnfinished } from '../files/unfinished.ts';
import { type Instance, openLocal } from '../instance.ts';
import { isEmpty } from '../observe/data-directory.ts';
import { scriptEnvironment, serverEnvironment } from '../process/environment.ts';
import { readListening } from '../process/listening.ts';
import { operatorCommand } from '../process/operator-command.ts';
import { firstCause, lastLines, runTool, type ToolOutcome } from '../process/tool.ts';
import { MAJOR_MIN, majorOf } from '../version.ts';
import { within } from '../wait.ts';
import { closeRestored, restoreCluster } from './custom-bootstrap.ts';
import { whyOccupied } from './occupied.ts';
import { withPasswordFile, withSecretFile } from './password-file.ts';
import { emptyDataDirectory } from './remove-data.ts';
import { type RoleStatement, replicationStatements, superuserStatements, UNLOGGED_SESSION } from './roles.ts';
import { start } from './start.ts';

const START_TIMEOUT = seconds(60);
const CONNECT_LIMIT_MS = 5_000;
/** For one statement that makes a role: far more than any disk that works needs. */
const STATEMENT_LIMIT_MS = 30_000;
/** The server ends a statement by itself; one that hangs as a whole does not. */
const SERVER_SILENT_MS = STATEMENT_LIMIT_MS + 2_000;

/** A new cluster, by initdb or the operator's own method, running, with its roles (spec/postgres.md 9). */
export async function bootstrap(
  instance: Instance,
  task: { readonly desired: DesiredPostgres; readonly safety?: Millis },
  context: TaskContext,
): Promise<TaskOutcome> {
  const { postgres } = instance.config;
  const occupied = whyOccupied(instance);
  if (occupied !== null) return { kind: 'refused', reason: occupied };
  if (isUnfinished(postgres.dataDir)) await emptyDataDirectory(postgres.dataDir);
  if (!isEmpty(new Set(await namesIn(postgres.dataDir)))) {
    return { kind: 'refused', reason: 'the data directory is not empty' };
  }
  await markUnfinished(postgres.dataDir);
  await instance.rewindMark.clear();

  const custom = instance.config.bootstrap?.custom ?? null;
  const started = await (custom === null
    ? createCluster(instance, task, context)
    : restoreCluster(instance, custom, task, context));
  if (started.kind !== 'done') return started;

  context.progress('roles');
  const superuser = await runStatements(instance, superuserStatements(postgres), context.signal);
  if (superuser !== null) return superuser;
  const script = instance.config.bootstrap?.postBootstrap ?? null;
  if (script !== null) {
    context.progress('post_bootstrap');
    const ran = failure('post_bootstrap', await postBootstrap(instance, script, context.signal));
    if (ran !== null) return ran;
  }
  const roles = await runStatements(instance, replicationStatements(postgres), context.signal);
  if (roles !== null) return roles;
  const closed =
    custom === null ? started : await closeRestored(instance, { ...task, timeout: START_TIMEOUT }, context);
  if (closed.kind !== 'done') return closed;
  await markFinished(postgres.dataDir);
  const systemId = (await instance.readControl())?.data?.systemId ?? null;
  return systemId === null ? { kind: 'done' } : { kind: 'done', systemId };
}

async function createCluster(
  instance: Instance,
  task: { readonly desired: DesiredPostgres; readonly safety?: Millis },
  context: TaskContext,
): Promise<TaskOutcome> {
  context.progress('initdb');
  const created = failure('initdb', await initdb(instance, context.signal));
  if (created !== null) return created;
  await addBootstrapHba(instance, task.desired);
  context.progress('first start');
  return start(instance, { ...task, timeout: START_TIMEOUT }, context);
}

async function initdb(instance: Instance, signal: AbortSignal): Promise<ToolOutcome> {
  const { postgres, bootstrap: options } = instance.config;
  const { username, password } = postgres.superuser;
  await mkdir(postgres.dataDir, { recursive: true, mode: 0o700 });
  const run = (passwordArgs: readonly string[]): Promise<ToolOutcome> =>
    runTool({
      command: toolPath(postgres, 'initdb'),
      directory: postgres.dataDir,
      args: [...(options?.initdbOptions ?? []), `--username=${username}`, ...passwordArgs, postgres.dataDir],
      // The locale of the new cluster is the operator's, so this one tool keeps it.
      environment: serverEnvironment(instance.environment, null),
      signal,
    });
  return password === null ? run([]) : withSecretFile(postgres, `${password}\n`, (path) => run([`--pwfile=${path}`]));
}

/** `bootstrap.pg_hba` only counts while nobody else says what pg_hba.conf holds. */
async function addBootstrapHba(instance: Instance, desired: DesiredPostgres): Promise<void> {
  const lines = instance.config.bootstrap?.pgHba ?? [];
  if (lines.length === 0 || desired.hba !== null || desired.parameters['hba_file'] !== undefined) return;
  await appendFile(join(instance.config.postgres.configDir, HBA_FILE), `${lines.join('\n')}\n`);
}

async function runStatements(
  instance: Instance,
  statements: readonly (RoleStatement | string)[],
  signal: AbortSignal,
): Promise<TaskOutcome | null> {
  if (statements.length === 0) return null;
  const opened = await openLocal(instance.config, {
    purpose: 'Matriarch bootstrap',
    limitMs: CONNECT_LIMIT_MS,
    settings: { statement_timeout: String(STATEMENT_LIMIT_MS), ...UNLOGGED_SESSION },
  });
  if (opened.kind !== 'open') return { kind: 'failed', reason: 'no connection as superuser', detail: opened.reason };
  try {
    for (const statement of statements) {
      if (signal.aborted) return { kind: 'cancelled' };
      const done = await within(execute(opened.session, statement), SERVER_SILENT_MS);
      if (done === null) return { kind: 'failed', reason: 'the server does not answer while roles are made' };
    }
    return null;
  } catch (error) {
    return { kind: 'failed', reason: 'a role could not be created', detail: reasonOf(error) };
  } finally {
    await opened.session.close();
  }
}

async function execute(session: Session, statement: RoleStatement | string): Promise<'done'> {
  await session.rows(typeof statement === 'string' ? statement : await chosen(session, statement));
  return 'done';
}

async function chosen(session: Session, { role, whereItIs, whereItIsNot }: RoleStatement): Promise<string> {
  const found = await session.rows('SELECT FROM pg_catalog.pg_roles WHERE rolname = $1', [role]);
  return found.length > 0 ? whereItIs : whereItIsNot;
}

/** The script gets one argument, a conninfo string without a password, as Patroni's scripts expect it. */
async function postBootstrap(instance: Instance, script: string, signal: AbortSignal): Promise<ToolOutcome> {
  const { postgres } = instance.config;
  const program = operatorCommand(script);
  if (program === null) return { kind: 'unstartable', reason: 'post_bootstrap is no command' };
  const running = readListening(postgres.dataDir);
  const target = {
    ...localAddress(postgres, running, postgres.useUnixSocket ? 'unix-socket' : 'tcp'),
    database: postgres.database,
    credentials: postgres.superuser,
  };
  const { version } = await instance.readProgram();
  const conninfo = conninfoText(target, version === null ? MAJOR_MIN : majorOf(version));
  return withPasswordFile(postgres, target, (more) =>
    runTool({
      command: program.command,
      args: [...program.args, conninfo],
      environment: {
        ...scriptEnvironment(instance.environment),
        ...more,
        PGOPTIONS: '-c synchronous_commit=local -c statement_timeout=0',
      },
      mayLeaveOthers: true,
      signal,
    }),
  );
}

function failure(what: string, outcome: ToolOutcome): TaskOutcome | null {
  if (outcome.kind === 'cancelled') return outcome;
  if (outcome.kind === 'unstartable') return { kind: 'failed', reason: `${what}: ${outcome.reason}` };
  if (outcome.code === 0) return null;
  const cause = firstCause(outcome.stderr);
  return { kind: 'failed', reason: `${what} failed: ${cause}`, detail: lastLines(outcome.stderr) };
}
