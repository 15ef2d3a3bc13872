import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bootstrapArguments, type CustomBootstrap } from '../../../domain/custom-bootstrap.ts';
import type { DesiredPostgres } from '../../../domain/desired-postgres.ts';
import type { TaskOutcome } from '../../../domain/task.ts';
import type { Millis } from '../../../domain/time.ts';
import type { TaskContext } from '../../../ports/postgres.ts';
import { restoreConfiguration } from '../files/backup.ts';
import { restoreHba, writeRestoredConfiguration } from '../files/restored-configuration.ts';
import { readText } from '../files/write-file.ts';
import { type Instance, openLocal } from '../instance.ts';
import { scriptEnvironment } from '../process/environment.ts';
import { operatorCommand } from '../process/operator-command.ts';
import { lastWords, runTool } from '../process/tool.ts';
import { until, within } from '../wait.ts';
import { makeRoom } from './make-room.ts';
import { restart } from './restart.ts';
import { launch } from './start.ts';

type Task = { readonly desired: DesiredPostgres; readonly safety?: Millis };

const POLL_MS = 500;
const CONNECT_LIMIT_MS = 3_000;
const QUERY_LIMIT_MS = 5_000;

/**
 * Have an operator's command fill the data directory, start what it left, and wait until it is a primary: a recovery takes
 * as long as it takes, and ends early only when the task is cancelled or the server ends.
 */
export async function restoreCluster(
  instance: Instance,
  custom: CustomBootstrap,
  task: Task,
  context: TaskContext,
): Promise<TaskOutcome> {
  const made = await runMethod(instance, custom, context);
  if (made !== null) return made;
  await restoreConfiguration(instance.config.postgres);
  // It would end the recovery that is about to begin.
  await rm(join(instance.config.postgres.dataDir, 'promote'), { force: true });

  context.progress('starting what was restored');
  const started = await launch(instance, { ...task, limitMs: Number.POSITIVE_INFINITY }, context, () =>
    writeRestoredConfiguration(instance, task.desired, custom.recovery),
  );
  if (started.kind !== 'done') return started;
  context.progress('waiting for end of recovery after bootstrap');
  const recovered = await until(() => whetherRecovered(instance), {
    everyMs: POLL_MS,
    limitMs: Number.POSITIVE_INFINITY,
    signal: context.signal,
  });
  if (recovered.kind !== 'met') return { kind: 'cancelled' };
  return recovered.value === 'gone'
    ? { kind: 'failed', reason: `custom bootstrap method ${custom.name}: the server ended while it recovered` }
    : { kind: 'done' };
}

/** Its users have their passwords: from now on the cluster is what the configuration says. */
export async function closeRestored(
  instance: Instance,
  task: Task & { readonly timeout: Millis },
  context: TaskContext,
): Promise<TaskOutcome> {
  if (task.desired.hba === null) await restoreHba(instance.config.postgres);
  return restart(instance, task, { ...context, scripts: { beforeStop: null, prePromote: null } });
}

/** @returns `null`: it did its work. */
async function runMethod(
  instance: Instance,
  custom: CustomBootstrap,
  context: TaskContext,
): Promise<TaskOutcome | null> {
  const { scope, postgres } = instance.config;
  const failed = (why: string, detail = ''): TaskOutcome => {
    return { kind: 'failed', reason: `custom bootstrap method ${custom.name}: ${why}`, detail };
  };
  const program = operatorCommand(custom.command);
  if (program === null) return failed(`"${custom.command}" is no command`);
  await makeRoom(postgres.dataDir, 'emptied');
  context.progress(`custom bootstrap method ${custom.name}`);
  const outcome = await runTool({
    command: program.command,
    args: [...program.args, ...bootstrapArguments(custom, { scope, dataDir: postgres.dataDir })],
    // There it is found and ended like PostgreSQL itself, should this agent die.
    directory: postgres.dataDir,
    environment: scriptEnvironment(instance.environment),
    signal: context.signal,
  });
  if (outcome.kind === 'cancelled') return outcome;
  if (outcome.kind === 'unstartable') return failed(outcome.reason);
  if (outcome.code !== 0) return failed(`exit code ${outcome.code ?? '?'}`, lastWords(outcome));
  const version = await readText(join(postgres.dataDir, 'PG_VERSION'));
  return version === null ? failed('it left no data directory of PostgreSQL') : null;
}

/** @returns `null`: it is at it, or does not answer for a moment. */
async function whetherRecovered(instance: Instance): Promise<'recovered' | 'gone' | null> {
  if (instance.process.report().kind !== 'running') return 'gone';
  const opened = await openLocal(instance.config, {
    purpose: 'Matriarch bootstrap',
    limitMs: CONNECT_LIMIT_MS,
    settings: { statement_timeout: String(QUERY_LIMIT_MS), search_path: 'pg_catalog' },
  });
  if (opened.kind !== 'open') return null;
  try {
    const rows = await within(opened.session.rows('SELECT pg_is_in_recovery() AS in_recovery'), QUERY_LIMIT_MS);
    return rows?.[0]?.['in_recovery'] === 'f' ? 'recovered' : null;
  } catch {
    // The server closes connections when it changes its state: the next look tells.
    return null;
  } finally {
    await opened.session.close();
  }
}
