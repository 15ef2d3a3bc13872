import type { Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import { later, type Millis } from '../domain/time.ts';
import { run, wait } from './conclude.ts';
import { controlData, heldLock } from './facts.ts';
import { redirectedStart } from './redirected-start.ts';
import { hopelessStart, stuckStart } from './stuck-start.ts';
import { successor } from './successor.ts';
import { RECOVERY_PATIENCE } from './whom-to-follow.ts';

/** PostgreSQL runs and gives no answer that helps: it is starting, shutting down, recovering, or hung. */
export function starting(o: Observation, m: Memory): Decision | null {
  const server = o.postgres?.server;
  if (server?.kind !== 'rejecting' && server?.kind !== 'silent' && !isJustBorn(o)) return null;
  // Counted from the crash, if there was one: a start that took its time has used up that much.
  const since = m.crash?.since ?? m.unavailableSince ?? o.now;
  const giveUpAt = later(since, patience(o, m));
  if (heldLock(o) !== null && o.now >= giveUpAt) {
    const next = successor(o, { except: null, candidate: null });
    if (next.kind === 'ask') return next.decision;
    if (next.kind === 'found') {
      return run(
        'start-timeout',
        { kind: 'stop', mode: 'immediate', checkpointFirst: false, timeout: o.timings.retryTimeout },
        { successor: next.name },
      );
    }
  }
  const helped = hopelessStart(o, m) ?? redirectedStart(o, m) ?? stuckStart(o, m);
  if (helped !== null) return helped;
  const until = o.now < giveUpAt ? giveUpAt : null;
  return server?.kind === 'silent'
    ? wait('silent-server', 'PostgreSQL to answer', until)
    : wait('still-starting', 'PostgreSQL to accept connections', until);
}

/**
 * What was copied or rewound, and has not replayed the end of that, may lack WAL of whom it was made of. Whoever holds the
 * lock is pointed at nobody; whom its server was told to follow before may be gone, and an agent that was restarted does not
 * know. In a cluster that follows another one the remote may still have it.
 */
function patience(o: Observation, m: Memory): Millis {
  const { primaryStartTimeout } = o.dynamic;
  const isFed = isStandbyCluster(o.dynamic) && m.applied?.standby?.upstream !== null;
  const lacksWal = controlData(o)?.beforeBackupEnd === true && !isFed;
  return lacksWal && RECOVERY_PATIENCE < primaryStartTimeout ? RECOVERY_PATIENCE : primaryStartTimeout;
}

/** A process without a server that answers at all: its socket is not open yet. */
function isJustBorn(o: Observation): boolean {
  return o.postgres?.process.kind === 'running' && o.postgres.server.kind === 'down';
}
