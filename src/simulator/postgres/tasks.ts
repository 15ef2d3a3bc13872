import { assertNever, invariant } from '../../domain/invariant.ts';
import { systemId } from '../../domain/names.ts';
import type { PostgresTask } from '../../domain/task.ts';
import { CONNECT_TIMEOUT_MS, clone, reachable, removed, rewind } from './copy-tasks.ts';
import { isRemains } from './directory.ts';
import { NO_SPACE } from './disk-space.ts';
import type { Continued, TaskRun, Wait } from './task-run.ts';
import { stillHas } from './wal-retention.ts';

type TaskOf<Kind extends PostgresTask['kind']> = Extract<PostgresTask, { readonly kind: Kind }>;

/** Begin a task; it ends through `run`. Each kind has the fixed inner order that the port promises. */
export function beginTask(task: PostgresTask, run: TaskRun): Continued {
  switch (task.kind) {
    case 'bootstrap':
      return bootstrap(task, run);
    case 'clone':
      return clone(task, run);
    case 'rewind':
      return rewind(task, run);
    case 'crash-recovery':
      return recoverInSingleUser(run);
    case 'start':
      return start(task, run);
    case 'stop':
      return stop(task, run);
    case 'end-orphans':
      if (run.postgres.server.kind !== 'down' && run.postgres.server.kind !== 'orphaned')
        return run.finish({ kind: 'refused', reason: 'the postmaster is alive' });
      return endOrphans(run, () => run.finish({ kind: 'done' }));
    case 'promote':
      return promote(task, run);
    case 'restart':
      return restart(task, run);
    case 'copy-slots':
      return copySlots(task, run);
    case 'remove-data':
      return removeData(task, run);
    case 'set-aside-data':
      if (run.postgres.server.kind !== 'down') return run.finish({ kind: 'refused', reason: 'PostgreSQL is running' });
      run.postgres.replaceDirectory({ kind: 'empty' });
      return run.finish({ kind: 'done' });
    default:
      return assertNever(task);
  }
}

function bootstrap(task: TaskOf<'bootstrap'>, run: TaskRun): Continued {
  const { postgres, setup } = run;
  if (postgres.directory.kind === 'cluster' && !isRemains(postgres.directory)) {
    return run.finish({ kind: 'refused', reason: 'the data directory is not empty' });
  }
  postgres.replaceDirectory({ kind: 'remains' });
  return run.tool(setup.settings.initdb, () => {
    const digits = setup.kernel.random('system identifiers').integer(0, 999_999_999_999);
    const id = systemId(`7400000${String(digits).padStart(12, '0')}`);
    invariant(id !== null, 'a system identifier is decimal digits');
    // What initdb made counts as remains until it is started: nobody would ever use it.
    const why = task.safety === undefined ? null : whyNoLease(task.safety, run);
    if (why !== null) return run.fail(why);
    if (postgres.isDiskFull) return run.fail(NO_SPACE);
    postgres.createCluster(id);
    const refusal = postgres.start(task.desired);
    if (refusal !== null) return run.fail(refusal);
    run.onCancel(() => abandonStart(run));
    // Roles are made over a connection before the mark goes: nobody finishes a server that stands still.
    return run.until(() => postgres.acceptsConnections || postgres.server.kind === 'down', {
      limit: BOOTSTRAP_START_MS,
      then: () => {
        if (!postgres.acceptsConnections) return run.fail('the new cluster did not start');
        postgres.finishCluster();
        return run.finish({ kind: 'done', systemId: id });
      },
      late: () => run.fail('the new cluster did not start in time'),
    });
  });
}

function recoverInSingleUser(run: TaskRun): Continued {
  const { postgres, setup } = run;
  if (postgres.server.kind !== 'down' || postgres.files === null || postgres.files.damaged)
    return run.fail('cannot run in single-user mode');
  return run.tool(setup.settings.crashRecovery, () => {
    const why = postgres.recoverInSingleUser();
    return why === null ? run.finish({ kind: 'done' }) : run.fail(why);
  });
}

/** What starts a server, whatever else its task does. */
type StartOf = Omit<TaskOf<'start'>, 'kind'>;

function start({ desired, timeout, safety }: StartOf, run: TaskRun): Continued {
  const { postgres } = run;
  const why = safety === undefined ? null : whyNoLease(safety, run);
  if (why !== null) return run.finish({ kind: 'refused', reason: why });
  if (postgres.server.kind !== 'down') return run.finish({ kind: 'refused', reason: 'PostgreSQL is running' });
  const refusal = postgres.start(desired);
  if (refusal !== null) return run.fail(refusal);
  run.onCancel(() => abandonStart(run));
  return run.until(() => postgres.acceptsConnections || postgres.server.kind === 'down', {
    limit: timeout,
    then: () => {
      if (postgres.acceptsConnections) return run.finish({ kind: 'done' });
      return run.fail('PostgreSQL ended while it started');
    },
    late: () => run.finish({ kind: 'failed', reason: 'PostgreSQL does not accept connections in time', late: true }),
  });
}

/** A start that is cancelled ends the server that it began. */
function abandonStart(run: TaskRun): Continued {
  return stopAtOnce(ABANDON_LIMIT_MS, run, () => run.finish({ kind: 'cancelled' }));
}

function stop(task: TaskOf<'stop'>, run: TaskRun): Continued {
  const { postgres, setup } = run;
  if (postgres.server.kind === 'down') return run.finish({ kind: 'done' });
  const done = (): Continued => run.finish({ kind: 'done' });
  if (postgres.server.kind === 'orphaned') return endOrphans(run, done);
  const begin = (): Continued => {
    if (task.mode === 'immediate') return stopAtOnce(task.timeout, run, done);
    postgres.fastStop();
    return awaitDown(run, { limit: task.timeout, then: done, late: () => stopAtOnce(task.timeout, run, done) });
  };
  if (task.checkpointFirst && task.mode === 'fast') return run.later(run.draw(setup.settings.checkpoint), begin);
  return begin();
}

/** SIGQUIT to the postmaster, and the end of the whole tree when that takes too long. */
function stopAtOnce(timeout: number | null, run: TaskRun, then: () => Continued): Continued {
  run.postgres.immediateStop();
  const limit = timeout ?? IMMEDIATE_LIMIT_MS;
  return awaitDown(run, { limit, then, late: () => endOrphans(run, then) });
}

function endOrphans(run: TaskRun, then: () => Continued): Continued {
  return run.later(run.draw({ from: 2, to: 30 }), () => {
    run.postgres.killEverything();
    return run.until(() => run.postgres.server.kind === 'down', {
      limit: VANISH_LIMIT_MS,
      then,
      late: () => run.fail('processes of the data directory do not end'),
    });
  });
}

function promote(task: TaskOf<'promote'>, run: TaskRun): Continued {
  const { postgres } = run;
  if (postgres.silentSince !== null) return run.later(QUERY_LIMIT_MS, () => run.fail('the server does not answer'));
  const why = whyNoLease(task.safety, run);
  if (why !== null) return run.finish({ kind: 'refused', reason: why });
  if (postgres.server.kind !== 'standby') return run.fail('no standby that accepts connections');
  postgres.promote();
  return run.until(() => postgres.server.kind !== 'standby', {
    limit: PROMOTE_LIMIT_MS,
    then: () => {
      if (postgres.server.kind === 'primary') return run.finish({ kind: 'done' });
      return run.fail('the server ended while it was promoted');
    },
    late: () => run.fail('the promotion does not end'),
  });
}

/** `null`: the lease lasts long enough, and somebody stands ready to fence when it ends. */
function whyNoLease(safety: number, { setup }: TaskRun): string | null {
  const { deadline, guardianReady } = setup.leaseNow();
  if (deadline === null || deadline - safety <= setup.kernel.now) return 'the lease ends too soon';
  return guardianReady ? null : 'no guardian';
}

function restart(task: TaskOf<'restart'>, run: TaskRun): Continued {
  const { postgres, setup } = run;
  const startAgain = (): Continued => start(task, run);
  if (postgres.server.kind === 'down') return startAgain();
  if (postgres.server.kind === 'orphaned') return endOrphans(run, startAgain);
  return run.later(run.draw(setup.settings.checkpoint), () => {
    postgres.fastStop();
    // However long the stop takes: the timeout is the start's.
    return awaitDown(run, {
      limit: null,
      then: startAgain,
      late: () => run.fail('PostgreSQL does not stop in time'),
    });
  });
}

/** Nothing is stopped for slots that would be of no use here. */
function copySlots(task: TaskOf<'copy-slots'>, run: TaskRun): Continued {
  const { postgres } = run;
  const source = postgres.resolve(task.from);
  if (source === null || source.server.kind !== 'primary' || !reachable(source, run))
    return run.later(CONNECT_TIMEOUT_MS, () => run.fail('could not connect to the source as a primary'));
  const { walFrom = 0 } = postgres.files ?? {};
  const states = task.slots.flatMap(({ name }) => source.slots.logical(name) ?? []);
  const usable = states.filter(
    ({ confirmed }) => confirmed <= postgres.replay.position && stillHas(walFrom, confirmed),
  );
  if (usable.length === 0) return run.finish({ kind: 'refused', reason: 'no slot there is of use here' });
  const putAndStart = (): Continued => {
    postgres.slots.put(usable);
    return start(task, run);
  };
  postgres.fastStop();
  return awaitDown(run, {
    limit: task.stopTimeout,
    then: putAndStart,
    late: () => stopAtOnce(task.stopTimeout, run, putAndStart),
  });
}

function removeData(task: TaskOf<'remove-data'>, run: TaskRun): Continued {
  if (run.postgres.server.kind !== 'down') return run.finish({ kind: 'refused', reason: 'PostgreSQL is running' });
  removed(task, run);
  run.postgres.replaceDirectory({ kind: 'empty' });
  return run.finish({ kind: 'done' });
}

/** A stop waits for the postmaster alone: what outlives it is ended at once. */
function awaitDown(run: TaskRun, wait: Wait): Continued {
  const { postgres } = run;
  return run.until(() => postgres.server.kind === 'down' || postgres.server.kind === 'orphaned', {
    ...wait,
    then: () => (postgres.server.kind === 'orphaned' ? endOrphans(run, wait.then) : wait.then()),
  });
}

const BOOTSTRAP_START_MS = 60_000;
const PROMOTE_LIMIT_MS = 60_000;
const IMMEDIATE_LIMIT_MS = 10_000;
/** How long a server whose start is cancelled may take to end by itself. */
const ABANDON_LIMIT_MS = 5_000;
/** How long SIGKILLed processes are waited for: those that wait for a disk end when it answers. */
const VANISH_LIMIT_MS = 30_000;
const QUERY_LIMIT_MS = 2000;
