import type { Decision } from '../domain/decision.ts';
import type { Upstream } from '../domain/desired-postgres.ts';
import type { Memory } from '../domain/memory.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { run } from './conclude.ts';
import { desiredStandby, upstreamOf } from './desired-postgres.ts';
import { isBackingOff, otherLeader } from './facts.ts';
import { logicalSlotsToCopy } from './slot-changes.ts';

/**
 * Does a standby that streams lack logical slots that its leader has (spec/ha.md SL16, SL19)? PostgreSQL reads slots when
 * it starts, so that costs a restart: not before everything that the slots' consumers have confirmed is replayed here;
 * not while another member restarts, so that somebody can take over; and not again before its back-off, or while nothing
 * has changed for a slot that would have been of no use.
 */
export function copySlots(o: Observation, m: Memory, upstream: Upstream | null): Decision | null {
  const server = o.postgres?.server;
  const leader = otherLeader(o, m)?.member ?? null;
  const from = upstreamOf(o, leader);
  if (server?.kind !== 'standby' || from === null || upstream === null) return null;
  if (leader?.role !== 'primary' || server.walReceiver?.status !== 'streaming' || server.replayPaused) return null;
  if (anotherRestarts(o)) return null;
  if (isBackingOff('copy-logical-slots', o, m)) return null;
  const { replayLsn } = server;
  const slots = logicalSlotsToCopy(o, m)
    .filter(({ target }) => target !== null && replayLsn !== null && target <= replayLsn)
    .filter(({ name, target }) => m.slotsNotYet.get(name) !== target)
    .map(({ name, database, plugin }) => ({ name, database, plugin }));
  if (slots.length === 0) return null;
  return run(
    'copy-logical-slots',
    {
      kind: 'copy-slots',
      from,
      slots,
      desired: desiredStandby(o, upstream),
      stopTimeout: o.timings.retryTimeout,
      timeout: o.effective.startTimeout,
    },
    { slots: slots.map(({ name }) => name).join(', ') },
  );
}

function anotherRestarts(o: Observation): boolean {
  const members = latestView(o)?.members ?? [];
  return members.some(({ name, state }) => name !== o.config.name && state === RESTARTING);
}

/** As members publish it (`PostgresState`), also while they copy slots. */
const RESTARTING = 'restarting';
