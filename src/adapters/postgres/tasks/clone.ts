import type { Upstream } from '../../../domain/desired-postgres.ts';
import type { ReplicaMethod } from '../../../domain/replica-method.ts';
import type { TaskOutcome } from '../../../domain/task.ts';
import type { Millis } from '../../../domain/time.ts';
import { markFinished, markUnfinished } from '../files/unfinished.ts';
import type { Instance } from '../instance.ts';
import { copyByBaseBackup } from './base-backup.ts';
import type { CopyAttempt, CopyContext } from './copy-attempt.ts';
import { copyByCommand } from './copy-command.ts';
import { finishCopy } from './finish-copy.ts';
import { whyOccupied } from './occupied.ts';
import { emptyDataDirectory } from './remove-data.ts';

/**
 * Make the data directory a copy of another server's, by the first method that works (spec/postgres.md 10). Until one
 * has, a mark beside the directory says that what lies in it is no cluster.
 */
export async function clone(
  instance: Instance,
  task: { readonly from: Upstream | null; readonly methods: readonly ReplicaMethod[]; readonly patience: Millis },
  context: CopyContext,
): Promise<TaskOutcome> {
  const occupied = whyOccupied(instance);
  if (occupied !== null) return { kind: 'refused', reason: occupied };
  const { dataDir } = instance.config.postgres;
  let last: Extract<CopyAttempt, { kind: 'failed' }> = { kind: 'failed', reason: 'no method to copy', detail: '' };
  for (const method of task.methods) {
    if (context.signal.aborted) return { kind: 'cancelled' };
    await markUnfinished(dataDir);
    await instance.rewindMark.clear();
    const attempt = await copyBy(instance, method, { ...task, context });
    if (attempt.kind === 'copied') {
      await finishCopy(instance);
      await markFinished(dataDir);
      return { kind: 'done' };
    }
    // What a method keeps stays for its next try, and is still no cluster: the mark beside it says so.
    if (!(method.kind === 'command' && method.keepsData)) await leaveEmpty(dataDir);
    if (attempt.kind === 'cancelled') return attempt;
    if (task.methods.length > 1) {
      const detail = attempt.detail === '' ? {} : { detail: attempt.detail };
      instance.log.write('warn', 'copy-failed', { method: nameOf(method), why: attempt.reason, ...detail });
    }
    last = attempt;
  }
  return { kind: 'failed', reason: last.reason, detail: last.detail };
}

function copyBy(
  instance: Instance,
  method: ReplicaMethod,
  call: { readonly from: Upstream | null; readonly patience: Millis; readonly context: CopyContext },
): Promise<CopyAttempt> {
  const { from } = call;
  if (method.kind === 'command') return copyByCommand(instance, method, call);
  if (from !== null) return copyByBaseBackup(instance, method, { ...call, from });
  return Promise.resolve({ kind: 'failed', reason: 'pg_basebackup needs somebody to copy', detail: '' });
}

function nameOf(method: ReplicaMethod): string {
  return method.kind === 'command' ? method.name : method.kind;
}

async function leaveEmpty(dataDir: string): Promise<void> {
  await emptyDataDirectory(dataDir);
  await markFinished(dataDir);
}
