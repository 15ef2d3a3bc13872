import type { Decision } from '../domain/decision.ts';
import { fastStopAt } from '../domain/fencing.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { conclude, run, wait } from './conclude.ts';
import { couldWrite, foreignHolder } from './facts.ts';
import { hardStopTimeout } from './store-loss.ts';

/**
 * What does losing the lock do? Somebody else holds it: stop at once, ask later. It was deleted by hand, and the
 * views prove that nobody else held it meanwhile: create it again. Anything else unproven: stop before the deadline.
 */
export function lockLoss(o: Observation, m: Memory): Decision | null {
  if (!couldWrite(o, m)) return null;
  const holder = foreignHolder(o);
  if (holder !== null) {
    return run(
      'lock-lost',
      { kind: 'stop', mode: 'immediate', checkpointFirst: false, timeout: hardStopTimeout(o) },
      { holder },
    );
  }
  return o.lease?.lock.kind === 'doubtful' ? inDoubt(o, m, o.lease.lock) : null;
}

/**
 * An orderly stop was broken off because somebody else leads: the next one follows at once. To look first takes as long as
 * PostgreSQL, or its disk, takes to answer, and it may go on acknowledging meanwhile.
 */
export function finishStop(o: Observation, m: Memory): Decision | null {
  return m.stopCutShort && !o.dynamic.pause && foreignHolder(o) !== null ? lockLoss(o, m) : null;
}

function inDoubt(
  o: Observation,
  m: Memory,
  doubt: { readonly deadline: Observation['now']; readonly why: string },
): Decision | null {
  if (o.now >= fastStopAt(doubt.deadline)) return null; // the deadline itself decides: store-loss
  if (m.lockContinuity.kind === 'vanished') {
    return conclude('lock-deleted-by-hand', { kind: 'acquire-lock' }, { doubt: doubt.why });
  }
  if (m.lockContinuity.kind === 'mine') {
    // The store still shows it mine: taking it over under my lease settles the doubt, and is refused if it is not so.
    const { createRevision, modRevision } = m.lockContinuity;
    return o.store.kind === 'settled'
      ? conclude('adopt-own-lock', { kind: 'adopt-lock', createRevision, modRevision }, { doubt: doubt.why })
      : wait('own-lock-in-doubt', 'the next proof or view', fastStopAt(doubt.deadline), { doubt: doubt.why });
  }
  return run(
    'lock-vanished',
    { kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: hardStopTimeout(o) },
    { doubt: doubt.why },
  );
}
