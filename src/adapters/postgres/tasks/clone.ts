import { chmod, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Upstream } from '../../../domain/desired-postgres.ts';
import type { TaskOutcome } from '../../../domain/task.ts';
import type { Millis } from '../../../domain/time.ts';
import type { TaskContext } from '../../../ports/postgres.ts';
import { toolPath } from '../binaries.ts';
import { conninfoText, mortal } from '../connection/conninfo.ts';
import { adviceForLogin } from '../connection/refused-login.ts';
import { restoreConfiguration } from '../files/backup.ts';
import { STANDBY_SIGNAL } from '../files/configuration.ts';
import { upstreamTarget } from '../files/recovery-settings.ts';
import { markFinished, markUnfinished } from '../files/unfinished.ts';
import { fileModeIn, writeFileIfDifferent } from '../files/write-file.ts';
import type { Instance } from '../instance.ts';
import { toolEnvironment } from '../process/environment.ts';
import { lastLines, runTool } from '../process/tool.ts';
import { features, MAJOR_MIN, majorOf } from '../version.ts';
import { pause } from '../wait.ts';
import { whyOccupied } from './occupied.ts';
import { withPasswordFile } from './password-file.ts';
import { emptyDataDirectory } from './remove-data.ts';

const ATTEMPTS = 2;
const BETWEEN_ATTEMPTS_MS = 1_000;

/** Empty the data directory, then copy another server's with pg_basebackup (spec/postgres.md 10). */
export async function clone(
  instance: Instance,
  task: { readonly from: Upstream; readonly options: readonly string[]; readonly patience: Millis },
  context: Pick<TaskContext, 'signal' | 'progress'>,
): Promise<TaskOutcome> {
  const occupied = whyOccupied(instance);
  if (occupied !== null) return { kind: 'refused', reason: occupied };
  const { postgres } = instance.config;
  const target = upstreamTarget(task.from, postgres.replication);
  const what = `pg_basebackup as ${postgres.replication.username} from ${task.from.host}:${task.from.port}`;
  const { version } = await instance.readProgram();
  const major = version === null ? MAJOR_MIN : majorOf(version);
  const conninfo = conninfoText(target, major, {
    application_name: task.from.applicationName,
    ...(task.from.readWrite === true ? { target_session_attrs: 'read-write' } : {}),
    ...mortal(task.patience),
  });
  const args = [
    `--pgdata=${postgres.dataDir}`,
    '-X',
    'stream',
    `--dbname=${conninfo}`,
    '--progress',
    ...basebackupOptions(task.options, major),
  ];

  return withPasswordFile(postgres, target, async (more) => {
    let words = 'not tried';
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      if (attempt > 1) await pause(BETWEEN_ATTEMPTS_MS, context.signal);
      if (context.signal.aborted) return { kind: 'cancelled' };
      await markUnfinished(postgres.dataDir);
      await instance.rewindMark.clear();
      await emptyDataDirectory(postgres.dataDir);
      await mkdir(postgres.dataDir, { recursive: true, mode: 0o700 });
      await closeToOthers(postgres.dataDir);
      const outcome = await runTool({
        command: toolPath(postgres, 'pg_basebackup'),
        // There it is found and ended like PostgreSQL itself, should this agent die.
        directory: postgres.dataDir,
        args,
        environment: toolEnvironment(instance.environment, more),
        signal: context.signal,
        onLine: (line) => note(line, context),
      });
      if (outcome.kind === 'cancelled') {
        await leaveEmpty(postgres.dataDir);
        return outcome;
      }
      if (outcome.kind === 'exited' && outcome.code === 0) {
        await finish(instance);
        await markFinished(postgres.dataDir);
        return { kind: 'done' };
      }
      words = outcome.kind === 'unstartable' ? outcome.reason : lastLines(readable(outcome.stderr));
    }
    await leaveEmpty(postgres.dataDir);
    return { kind: 'failed', reason: `${what} failed`, detail: withAdvice(words) };
  });
}

function withAdvice(words: string): string {
  const advice = adviceForLogin(words);
  return advice === null ? words : `${words}\n${advice}`;
}

const OPEN_TO_OTHERS = 0o027;

/** A mode that no server starts with is made right, as initdb does it; pg_basebackup leaves a directory as it finds it. */
async function closeToOthers(dataDir: string): Promise<void> {
  const { mode } = await stat(dataDir);
  if ((mode & OPEN_TO_OTHERS) !== 0) await chmod(dataDir, 0o700);
}

/**
 * The configured options. A fast checkpoint unless they say otherwise: without one, the copy would wait for the source's
 * next regular checkpoint, minutes. Compression on our side would make an archive of the copy; only the server's own
 * may stay (spec/config.md 9.10).
 */
export function basebackupOptions(options: readonly string[], major: number): readonly string[] {
  const usable = options.filter(
    (option) =>
      !option.startsWith('--compress') ||
      (features.basebackupServerCompression(major) && option.startsWith('--compress=server')),
  );
  return usable.some((option) => option.startsWith('--checkpoint')) ? usable : ['--checkpoint=fast', ...usable];
}

async function leaveEmpty(dataDir: string): Promise<void> {
  await emptyDataDirectory(dataDir);
  await markFinished(dataDir);
}

/** From here on the directory is a standby's, whoever starts it. */
async function finish(instance: Instance): Promise<void> {
  const { postgres } = instance.config;
  await writeFileIfDifferent(join(postgres.dataDir, STANDBY_SIGNAL), '', await fileModeIn(postgres.dataDir));
  await restoreConfiguration(postgres);
  for (const name of await readdir(postgres.dataDir)) {
    if (name === 'postmaster.pid' || name === 'recovery.signal') await rm(join(postgres.dataDir, name));
  }
}

function note(line: string, context: Pick<TaskContext, 'progress'>): void {
  const percent = /\((\d+)%\)/.exec(line)?.[1];
  if (percent !== undefined) context.progress(`pg_basebackup ${percent} %`);
}

/** Without the progress, and without the name of a password file that is gone by now. */
function readable(text: string): string {
  return text
    .split(/[\r\n]+/)
    .filter((line) => !/\(\d+%\)|^password retrieved from file/.test(line))
    .join('\n');
}
