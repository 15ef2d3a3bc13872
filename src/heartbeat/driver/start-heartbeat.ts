import { Worker } from 'node:worker_threads';
import type { HeartbeatLink, HeartbeatListeners } from '../../ports/heartbeat-link.ts';
import type { Log } from '../../ports/log.ts';
import { createLeaseCell, readLease } from './lease-cell.ts';
import type { FromHeartbeat, HeartbeatSetup, ToHeartbeat } from './messages.ts';

/** Small, because memory counts; a heartbeat that needs more than this has a defect. */
const HEAP_LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 1 };
const END_LIMIT_MS = 2_000;

/**
 * The agent's side: start the heartbeat in a thread of its own, so that nothing which keeps the agent's thread busy
 * delays a renewal.
 */
export function startHeartbeat(options: {
  readonly setup: Omit<HeartbeatSetup, 'cell' | 'guardianProgram'>;
  /** Where the two programs are, beside the one that asks. */
  readonly programs: { readonly heartbeat: URL; readonly guardian: URL };
  readonly log: Log;
  readonly listeners: HeartbeatListeners;
}): HeartbeatLink {
  const { setup, programs, log, listeners } = options;
  const cell = createLeaseCell();
  const guardianProgram = programs.guardian.href;
  const workerData: HeartbeatSetup = { ...setup, guardianProgram, cell };
  const worker = new Worker(programs.heartbeat, { workerData, name: 'heartbeat', resourceLimits: HEAP_LIMITS });
  let life: 'running' | 'ending' | 'over' = 'running';

  worker.on('message', (message: FromHeartbeat) => {
    switch (message.kind) {
      case 'report':
        listeners.report(message.report);
        return;
      case 'answer':
        listeners.answer(message.id, message.outcome);
        return;
      case 'store-answered':
        listeners.storeAnswered(message.request, message.span);
        return;
      case 'log':
        log.write(message.level, message.event, message.fields);
        return;
    }
  });
  // A defect in the thread ends it; `exit` follows.
  worker.on('error', (error) => over(error instanceof Error ? (error.stack ?? error.message) : String(error)));
  worker.on('exit', (code) => over(`its thread ended with ${code}`));

  function over(reason: string): void {
    if (life === 'running') listeners.broken(reason);
    life = 'over';
  }

  return {
    command: (id, command) => {
      if (command.kind === 'end' && life === 'running') life = 'ending';
      worker.postMessage({ id, command } satisfies ToHeartbeat);
    },
    leaseNow: () => readLease(cell),
    close: async () => {
      // Told to end it leaves by itself, once the guardian knows; else this is as if the agent had died.
      if (life === 'ending') await within(END_LIMIT_MS, worker);
      life = 'over';
      await worker.terminate();
    },
  };
}

function within(limitMs: number, worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    const tooLate = setTimeout(resolve, limitMs);
    worker.once('exit', () => {
      clearTimeout(tooLate);
      resolve();
    });
  });
}
