import type { PostgresTask } from '../../domain/task.ts';
import { type ClusterFiles, copyOf, isRemains, rewound, stoppedInCrashRecovery } from './directory.ts';
import { NO_SPACE } from './disk-space.ts';
import type { PostgresModel } from './postgres-model.ts';
import type { Continued, TaskRun } from './task-run.ts';
import { relation } from './wal-branch.ts';

/** pg_basebackup: all of the source in the place of what was here. */
export function clone(task: TaskOf<'clone'>, run: TaskRun): Continued {
  const { postgres, setup } = run;
  if (postgres.server.kind !== 'down') return run.finish({ kind: 'refused', reason: 'PostgreSQL is running' });
  removed(task, run);
  postgres.replaceDirectory({ kind: 'remains' });
  const source = task.from === null ? null : postgres.resolve(task.from);
  if (source === null || !reachable(source, run)) {
    return run.later(CONNECT_TIMEOUT_MS, () => {
      postgres.replaceDirectory({ kind: 'empty' });
      return run.fail('could not connect to the source');
    });
  }
  const { serverLife } = source;
  return run.tool(setup.settings.clone, () => {
    source.settle();
    const { files } = source;
    const isSourceGone = files === null || source.serverLife !== serverLife || !reachable(source, run);
    if (isSourceGone || postgres.isDiskFull) {
      postgres.replaceDirectory({ kind: 'empty' });
      return run.fail(isSourceGone ? 'the source went away' : NO_SPACE);
    }
    postgres.replaceDirectory(copyOf(files));
    setup.emit({ kind: 'copied', host: postgres.host });
    return run.finish({ kind: 'done' });
  });
}

/** pg_rewind: only what has to change, where the two histories have parted. */
export function rewind(task: TaskOf<'rewind'>, run: TaskRun): Continued {
  const { postgres, setup } = run;
  const source = postgres.resolve(task.from);
  const local = postgres.files;
  if (local === null || source === null || local.damaged) return run.fail('nothing to rewind');
  if (task.checkpointFirst === true && reachable(source, run)) source.checkpoint();
  setup.emit({
    kind: 'rewinding',
    host: postgres.host,
    from: source.host,
    localServer: postgres.server.kind === 'down' ? 'down' : 'up',
    localFiles: localFiles(local),
    sourceState: sourceState(source),
  });
  if (postgres.server.kind !== 'down') return run.finish({ kind: 'refused', reason: 'PostgreSQL is running' });
  const clean = local.state === 'shut down' || local.state === 'shut down in recovery';
  // pg_rewind recovers a crashed target by itself in single-user mode, which refuses a standby's directory.
  if (!clean && local.signal === 'standby') return run.fail('target server must be shut down cleanly');
  const why = clean ? null : postgres.recoverInSingleUser();
  if (why !== null) return run.fail(why);
  if (source.server.kind !== 'primary' || !reachable(source, run) || source.files === null)
    return run.later(CONNECT_TIMEOUT_MS, () => run.fail('could not connect to the source as a primary'));
  if (source.files.systemId !== local.systemId) return run.fail('source and target are from different systems');
  // pg_rewind believes the control files: a source without a checkpoint on its timeline looks like no divergence.
  if (source.files.checkpoint.branch.timeline === local.checkpoint.branch.timeline || isAncestor(run, source))
    return run.finish({ kind: 'done', unchanged: true });
  // It reads the local WAL as far as that would have to be replayed.
  if ((local.minRecoveryEnd ?? 0) > local.position) return run.fail('could not read the WAL up to the recovery end');
  const { serverLife, position: copiedUpTo } = source;
  run.onBreakOff(() => rewindBrokenOff(run, 'unseen'));
  return run.tool(setup.settings.rewind, () => {
    source.settle();
    const isSourceGone = source.files === null || source.serverLife !== serverLife || !reachable(source, run);
    if (isSourceGone || postgres.isDiskFull) {
      rewindBrokenOff(run, 'seen');
      return run.fail(isSourceGone ? 'the source went away' : NO_SPACE);
    }
    postgres.replaceDirectory(rewound(postgres.files ?? local, source.files, copiedUpTo));
    return run.finish({ kind: 'done' });
  });
}

/** Whoever watches hears what data goes, and why. */
export function removed(task: PostgresTask, run: TaskRun): void {
  const { directory, host } = run.postgres;
  const had = directory.kind === 'empty' ? 'nothing' : isRemains(directory) ? 'remains' : 'cluster';
  run.setup.emit({ kind: 'data-removed', host, had, task });
}

/** Does the server there answer a connection from here? */
export function reachable(source: PostgresModel, run: TaskRun): boolean {
  return source.acceptsConnections && run.setup.network.connects(run.postgres.host, source.host);
}

function localFiles(files: ClusterFiles): 'consistent' | 'before-backup-end' | 'crash-recovery' {
  if (files.beforeBackupEnd) return 'before-backup-end';
  return stoppedInCrashRecovery(files) ? 'crash-recovery' : 'consistent';
}

function sourceState(source: PostgresModel): 'checkpointed-primary' | 'primary-without-checkpoint' | 'not-primary' {
  if (source.server.kind !== 'primary' || source.files === null) return 'not-primary';
  return source.files.checkpoint.branch === source.files.branch ? 'checkpointed-primary' : 'primary-without-checkpoint';
}

/** The local WAL is a part of the source's history: nothing to rewind. */
function isAncestor(run: TaskRun, source: PostgresModel): boolean {
  const { files } = run.postgres;
  return files !== null && source.branch !== null && relation(files, source.branch) === 'follows';
}

/**
 * It ended before, or while, files were changed. In the second case a server may start from what is there all the same;
 * in the first nothing is wrong, but nobody knows if nobody heard what the tool said.
 */
function rewindBrokenOff(run: TaskRun, end: 'seen' | 'unseen'): void {
  const { files } = run.postgres;
  const random = run.setup.kernel.random('broken rewinds');
  const hasBegun = random.chance(0.3);
  const damaged = hasBegun && random.chance(0.5);
  if (files === null || !(hasBegun || end === 'unseen')) return;
  // Among the first files that go is the signal: the source has none.
  const changed = hasBegun ? ({ signal: 'none' } as const) : {};
  run.postgres.replaceDirectory({ ...files, ...changed, kind: 'cluster', damaged, isHalfRewound: true });
}

type TaskOf<Kind extends PostgresTask['kind']> = Extract<PostgresTask, { readonly kind: Kind }>;

/** How long a connection is tried. */
export const CONNECT_TIMEOUT_MS = 300;
