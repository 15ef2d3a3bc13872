import { join } from 'node:path';
import type { Upstream } from '../../../domain/desired-postgres.ts';
import type { TaskOutcome } from '../../../domain/task.ts';
import type { Millis } from '../../../domain/time.ts';
import type { TaskContext } from '../../../ports/postgres.ts';
import { toolPath } from '../binaries.ts';
import { conninfoText, mortal } from '../connection/conninfo.ts';
import { RECOVERY_SIGNAL, STANDBY_SIGNAL } from '../files/configuration.ts';
import { historiesIn, refillHistories } from '../files/kept-histories.ts';
import { namesIn } from '../files/names-in.ts';
import { upstreamTarget } from '../files/recovery-settings.ts';
import { fileModeIn, removeFile, writeFileIfDifferent } from '../files/write-file.ts';
import type { Instance } from '../instance.ts';
import { type Environment, toolEnvironment } from '../process/environment.ts';
import { lastLines, runTool, type ToolOutcome } from '../process/tool.ts';
import { features, MAJOR_MIN, majorOf } from '../version.ts';
import { archiveReady } from './archive-ready.ts';
import { moveSourceOn } from './move-source-on.ts';
import { whyOccupied } from './occupied.ts';
import { withPasswordFile } from './password-file.ts';
import { fetchSegment, rewindArchive, withMissingWal } from './rewind-archive.ts';
import { leaderCheckpoint, remoteCheckpoint } from './source-checkpoint.ts';

/** Bring a stopped directory back to where another server's history left it, with pg_rewind (spec/postgres.md 12.4). */
export async function rewind(
  instance: Instance,
  task: {
    readonly from: Upstream;
    readonly options: readonly string[];
    readonly patience: Millis;
    readonly checkpointFirst?: boolean;
  },
  context: Pick<TaskContext, 'signal' | 'progress'>,
): Promise<TaskOutcome> {
  const occupied = whyOccupied(instance);
  if (occupied !== null) return { kind: 'refused', reason: occupied };
  const { postgres } = instance.config;
  const { version } = await instance.readProgram();
  const major = version === null ? MAJOR_MIN : majorOf(version);
  const target = upstreamTarget(task.from, postgres.rewind);
  // A source that is no primary has no end to rewind to.
  const conninfo = conninfoText(target, major, {
    target_session_attrs: 'read-write',
    ...mortal(task.patience),
  });
  const { signal } = context;
  const isRemote = task.checkpointFirst === true;
  const lacking = await (isRemote ? remoteCheckpoint : leaderCheckpoint)(instance, task.from, signal);
  if (signal.aborted) return { kind: 'cancelled' };
  // A leader checkpoints by itself: that is waited for, and is no rewind that failed, after which all would be copied.
  if (lacking !== null && !isRemote) return { kind: 'refused', reason: `the source is not ready: ${lacking}` };
  if (lacking !== null) return { kind: 'failed', reason: 'the source is not ready to rewind from', detail: lacking };
  await archiveReady(instance, signal);
  const archive = await rewindArchive(instance, major);

  context.progress(`pg_rewind from ${task.from.member}`);
  const { rewindMark } = instance;
  const before = rewindMark.isSet ? 'half-rewound' : 'whole';
  if (rewindMark.isSet) await refillHistories(postgres.dataDir, await rewindMark.histories());
  await rewindMark.set(await historiesIn(postgres.dataDir));
  const said = { itBegins: false };
  const run = (more: Environment): Promise<ToolOutcome> =>
    runTool({
      command: toolPath(postgres, 'pg_rewind'),
      // There it is found and ended like PostgreSQL itself, should this agent die.
      directory: postgres.dataDir,
      args: [
        ...(archive.kind === 'itself' ? archive.options : []),
        '-D',
        postgres.dataDir,
        `--source-server=${conninfo}`,
        ...task.options,
      ],
      environment: toolEnvironment(instance.environment, { ...more, PGOPTIONS: sourceOptions(major) }),
      // Told to say more (`--debug`, `--progress`), it may say so much after it that no end of it shows this any more.
      onLine: (line) => (said.itBegins ||= line.includes(BEGINS)),
      signal,
    });
  const outcome = await withPasswordFile(postgres, target, (more) =>
    withMissingWal(
      () => run(more),
      async (segment) => archive.kind === 'by-us' && (await fetchSegment(instance, { ...archive, segment }, signal)),
    ),
  );
  if (outcome.kind === 'cancelled') return outcome;
  // Broken off after that, it leaves them half changed.
  const isWhole = said.itBegins ? outcome.kind === 'exited' && outcome.code === 0 : before === 'whole';
  if (isWhole) await rewindMark.clear();
  if (outcome.kind === 'unstartable') return { kind: 'failed', reason: `pg_rewind: ${outcome.reason}` };
  if (outcome.code !== 0) return { kind: 'failed', reason: 'pg_rewind failed', detail: lastLines(wordsOf(outcome)) };
  await writeFileIfDifferent(join(postgres.dataDir, STANDBY_SIGNAL), '', await fileModeIn(postgres.dataDir));
  await removeFile(join(postgres.dataDir, RECOVERY_SIGNAL));
  // It writes a backup label whenever it has copied anything.
  const isRewound = (await namesIn(postgres.dataDir)).includes('backup_label');
  if (!isRewound) return { kind: 'done', unchanged: true };
  await moveSourceOn(instance, task.from);
  return { kind: 'done' };
}

/**
 * Of its connection to the source, which is silent while it reads what lies here; one that only reads, unless told
 * otherwise, counts as one to a standby.
 */
function sourceOptions(major: number): string {
  const settings = ['statement_timeout=0', 'default_transaction_read_only=off'];
  if (features.idleSessionTimeout(major)) settings.push('idle_session_timeout=0');
  return settings.map((each) => `-c ${each}`).join(' ');
}

/** What it says before it changes the first file. */
const BEGINS = 'rewinding from last common checkpoint';

function wordsOf({ stderr, stdout }: Extract<ToolOutcome, { kind: 'exited' }>): string {
  return `${stderr}\n${stdout}`;
}
