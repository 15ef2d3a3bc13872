import type { DesiredPostgres } from '../../../domain/desired-postgres.ts';
import type { TaskOutcome } from '../../../domain/task.ts';
import type { Millis } from '../../../domain/time.ts';
import type { TaskContext } from '../../../ports/postgres.ts';
import { toolPath } from '../binaries.ts';
import { backUpConfiguration } from '../files/backup.ts';
import { type WrittenConfiguration, writeConfiguration } from '../files/configuration.ts';
import { commandLine } from '../files/server-parameters.ts';
import type { Instance } from '../instance.ts';
import { type Environment, serverEnvironment } from '../process/environment.ts';
import { killTree, killUntilNone, sendSignal } from '../process/kill.ts';
import { launchPostmaster } from '../process/launch.ts';
import { readPostmasterFile } from '../process/postmaster-file.ts';
import { processEntry } from '../process/process-table.ts';
import { until } from '../wait.ts';
import { removeCopiedSocketLocks } from './copied-socket-locks.ts';
import { removeDeadSocketLocks } from './dead-socket-locks.ts';
import { whyOccupied } from './occupied.ts';
import { ownLogOf } from './own-log.ts';
import { whyNoLease } from './promote.ts';

const POLL_MS = 20;
/** How long a server may take to end after SIGQUIT when its start is cancelled. */
const ABANDON_LIMIT_MS = 5_000;

/** Write files, start the postmaster, wait until it accepts connections (spec/postgres.md 5.1). */
export async function start(
  instance: Instance,
  task: { readonly desired: DesiredPostgres; readonly timeout: Millis; readonly safety?: Millis },
  context: TaskContext,
): Promise<TaskOutcome> {
  const write = (): Promise<WrittenConfiguration> => writeConfiguration(instance, task.desired, 'set-and-remove');
  const started = await launch(instance, { ...task, limitMs: task.timeout }, context, write);
  if (started.kind === 'done') await backUpConfiguration(instance.config.postgres);
  return started;
}

/** The same with files of another kind, written by `write`. */
export async function launch(
  instance: Instance,
  task: { readonly desired: DesiredPostgres; readonly limitMs: number; readonly safety?: Millis },
  context: TaskContext,
  write: () => Promise<WrittenConfiguration>,
): Promise<TaskOutcome> {
  const occupied = whyOccupied(instance);
  if (occupied !== null) return { kind: 'refused', reason: occupied };
  await instance.heartbeat.close();
  await removeCopiedSocketLocks(instance.config.postgres.dataDir);
  const written = await write();
  await removeDeadSocketLocks(instance, written);
  if (context.signal.aborted) return { kind: 'cancelled' };
  const refusal = task.safety === undefined ? null : whyNoLease(context.leaseNow(), task.safety);
  if (refusal !== null) return { kind: 'refused', reason: refusal };

  const launched = await launchPostmaster({
    command: toolPath(instance.config.postgres, 'postgres'),
    args: commandLine({ dataDir: instance.config.postgres.dataDir, ...written }),
    environment: environmentFor(instance),
    output: instance.serverOutput,
  });
  if (launched.kind === 'unstartable') return { kind: 'failed', reason: `postgres did not start: ${launched.reason}` };
  instance.process.launched(launched.pid);
  context.progress(`postmaster ${launched.pid} started`);

  const outcome = await until(
    () => launched.ended() ?? (acceptsConnections(instance, launched.pid) ? 'accepting' : null),
    { everyMs: POLL_MS, limitMs: task.limitMs, signal: context.signal },
  );
  if (outcome.kind === 'cancelled') return abandon(instance, launched.pid);
  if (outcome.kind === 'too-late') {
    const reason = `it does not accept connections after ${task.limitMs} ms and is left to go on`;
    return { kind: 'failed', reason, late: true };
  }
  if (outcome.value !== 'accepting') {
    const { reason, lastWords } = outcome.value;
    const place = ownLogOf(task.desired, instance.config.postgres.dataDir);
    return lastWords === ''
      ? { kind: 'failed', reason: `the postmaster ended: ${reason}; ${place} say why` }
      : { kind: 'failed', reason: `the postmaster ended: ${reason}`, detail: lastWords };
  }
  return { kind: 'done' };
}

/** Whose receiver has a password in its file takes no other one, which would come first. */
function environmentFor({ config, environment, process }: Instance): Environment {
  const { password } = config.postgres.replication;
  const inherited = serverEnvironment(environment, process.stalePid());
  return password === null ? inherited : { ...inherited, PGPASSWORD: undefined };
}

/**
 * The postmaster itself writes into its pid file when it begins to accept connections, on a standby once it is
 * consistent; reading that is quicker and cheaper than trying to connect.
 */
function acceptsConnections(instance: Instance, pid: number): boolean {
  const file = readPostmasterFile(instance.config.postgres.dataDir);
  return file?.pid === pid && file.status === 'ready';
}

async function abandon(instance: Instance, pid: number): Promise<TaskOutcome> {
  sendSignal(pid, 'SIGQUIT');
  const ended = await until(() => (processEntry(pid) === null ? true : null), {
    everyMs: POLL_MS,
    limitMs: ABANDON_LIMIT_MS,
    signal: null,
  });
  if (ended.kind !== 'met') await killTree(pid);
  await killUntilNone(() => instance.process.all());
  return { kind: 'cancelled' };
}
