import type { TaskOutcome } from '../../../domain/task.ts';
import type { Instance } from '../instance.ts';
import { killUntilNone } from '../process/kill.ts';

/** SIGKILL what a dead postmaster left behind, and wait until nothing is left. Files stay as they are. */
export async function endOrphans(instance: Instance): Promise<TaskOutcome> {
  const finding = instance.process.report();
  if (finding.kind === 'running') return { kind: 'refused', reason: `postmaster ${finding.pid} is alive` };
  const gone = await killUntilNone(() => instance.process.all());
  return gone ? { kind: 'done' } : { kind: 'failed', reason: 'processes of the data directory do not end' };
}
