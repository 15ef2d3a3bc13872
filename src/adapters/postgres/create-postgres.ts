import { env } from 'node:process';
import type { AgentConfig } from '../../domain/agent-config.ts';
import { assertNever } from '../../domain/invariant.ts';
import type { PostgresTask, TaskOutcome } from '../../domain/task.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Postgres, TaskContext } from '../../ports/postgres.ts';
import { CallbackRunner } from './callback-runner.ts';
import { errorCode, reasonOf } from './errors.ts';
import { askHistory } from './history.ts';
import { createInstance, type Instance, openLocalWalSender, type ServerOutput } from './instance.ts';
import { createLook } from './observe/look.ts';
import { standbyTimelineReader } from './observe/standby-timeline.ts';
import type { Environment } from './process/environment.ts';
import { reconfigure } from './reconfigure.ts';
import { manageSlots } from './slots.ts';
import { bootstrap } from './tasks/bootstrap.ts';
import { runCheckpoint } from './tasks/checkpoint.ts';
import { clone } from './tasks/clone.ts';
import { copySlots } from './tasks/copy-slots.ts';
import { crashRecovery } from './tasks/crash-recovery.ts';
import { endOrphans } from './tasks/end-orphans.ts';
import { promote } from './tasks/promote.ts';
import { removeData, setAsideData } from './tasks/remove-data.ts';
import { restart } from './tasks/restart.ts';
import { rewind } from './tasks/rewind.ts';
import { start } from './tasks/start.ts';
import { stop } from './tasks/stop.ts';

/** The PostgreSQL of this machine, behind its port. Nothing is started or connected to before it is asked. */
export function createPostgres(options: {
  readonly config: AgentConfig;
  /** What the configuration has become by reloads; absent: it never changes. Paths stay those of `config`. */
  readonly currentConfig?: () => AgentConfig;
  readonly clock: Clock;
  readonly log: Log;
  /** What PostgreSQL and its tools inherit; by default the agent's own environment. */
  readonly environment?: Environment;
  readonly serverOutput?: ServerOutput;
}): Postgres {
  const listeners: (() => void)[] = [];
  const currentConfig = options.currentConfig ?? ((): AgentConfig => options.config);
  const instance = createInstance({
    config: options.config,
    currentConfig,
    environment: options.environment ?? env,
    serverOutput: options.serverOutput ?? { kind: 'inherit' },
    clock: options.clock,
    log: options.log,
    onDisturbance: () => {
      for (const listener of listeners) listener();
    },
  });
  const callbacks = new CallbackRunner(instance);
  const readStandbyTimeline = standbyTimelineReader((limitMs) => openLocalWalSender(currentConfig(), limitMs));

  return {
    look: createLook(instance, readStandbyTimeline),
    run: (task, context) => guarded(() => perform(instance, task, context)),
    reconfigure: (desired) => reconfigure(instance, desired),
    manageSlots: (change) => manageSlots(instance, change),
    checkpoint: (signal) => runCheckpoint(instance, signal),
    askHistory: (question) => askHistory(instance, question),
    callBack: (callback) => callbacks.run(callback),
    onDisturbance: (listener) => void listeners.push(listener),
    close: () => instance.heartbeat.close(),
  };
}

function perform(instance: Instance, task: PostgresTask, context: TaskContext): Promise<TaskOutcome> {
  switch (task.kind) {
    case 'bootstrap':
      return bootstrap(instance, task, context);
    case 'clone':
      return clone(instance, task, context);
    case 'rewind':
      return rewind(instance, task, context);
    case 'crash-recovery':
      return crashRecovery(instance, context);
    case 'start':
      return start(instance, task, context);
    case 'stop':
      return stop(instance, task, context);
    case 'end-orphans':
      return endOrphans(instance);
    case 'promote':
      return promote(instance, task, context);
    case 'restart':
      return restart(instance, task, context);
    case 'copy-slots':
      return copySlots(instance, task, context);
    case 'remove-data':
      return removeData(instance);
    case 'set-aside-data':
      return setAsideData(instance);
    default:
      return assertNever(task);
  }
}

/** What the system refuses (disk full, permissions) is an outcome; anything else thrown is a defect and stays one. */
async function guarded(work: () => Promise<TaskOutcome>): Promise<TaskOutcome> {
  try {
    return await work();
  } catch (error) {
    if (errorCode(error) === null) throw error;
    return { kind: 'failed', reason: reasonOf(error) };
  }
}
