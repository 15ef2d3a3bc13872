import type { DesiredPostgres } from '../../domain/desired-postgres.ts';
import type { TaskOutcome } from '../../domain/task.ts';
import { reasonOf } from './errors.ts';
import { writeConfiguration } from './files/configuration.ts';
import type { Instance } from './instance.ts';
import { sendSignal } from './process/kill.ts';

/**
 * Make the files say what is desired, and have a running server read them again. A signal file may appear here and
 * never vanishes: a running server has read it, and removes it itself when it is promoted.
 */
export async function reconfigure(instance: Instance, desired: DesiredPostgres): Promise<TaskOutcome> {
  try {
    await writeConfiguration(instance, desired, 'set-only');
    const finding = instance.process.find();
    if (finding.kind === 'found' && finding.postmaster.kind === 'server') {
      const sent = sendSignal(finding.postmaster.pid, 'SIGHUP');
      if (sent === 'forbidden') return { kind: 'failed', reason: 'the postmaster belongs to somebody else' };
      instance.heartbeat.settingsChanged();
    }
    return { kind: 'done' };
  } catch (error) {
    return { kind: 'failed', reason: reasonOf(error) };
  }
}
