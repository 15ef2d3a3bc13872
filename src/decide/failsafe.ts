import type { Decision } from '../domain/decision.ts';
import type { FailsafeCall, FailsafeMembers, FailsafeRound } from '../domain/failsafe.ts';
import { fastStopAt } from '../domain/fencing.ts';
import type { Lsn } from '../domain/lsn.ts';
import type { Memory } from '../domain/memory.ts';
import { type SlotName, slotNameOf } from '../domain/names.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { slotPosition } from '../domain/postgres-report.ts';
import { type Instant, later, type Millis, millis } from '../domain/time.ts';
import { watchdogFailure } from '../domain/watchdog-plan.ts';
import { conclude, wait } from './conclude.ts';
import { foreignHolder, isPrimary } from './facts.ts';
import { ownApiUrl, ownConnUrl } from './own-address.ts';
import { leaseDeadline } from './store-loss.ts';

/** How long a member has to answer. */
export const FAILSAFE_ANSWER_LIMIT = millis(1_000);
/** So often in a ttl they are asked again while all of them agree. */
const ROUNDS_IN_TTL = 3;

/**
 * The store does not confirm the lease: may a primary go on? If `failsafe_mode` is on and every other member agrees. Who
 * agrees leaves the lead to it for one `ttl` from then on, so its deadline is one `ttl` after it asked: a lease that all
 * members grant in the store's place. One refusal or silence, and the deadline that is in force decides.
 * @see spec/ha.md 4
 */
export function failsafe(o: Observation, m: Memory): Decision | null {
  const deadline = leaseDeadline(o);
  if (!o.dynamic.failsafeMode || !isPrimary(o) || m.leaving !== null || deadline === null) return null;
  // Too late to ask, or somebody else leads: other questions.
  if (o.now >= fastStopAt(deadline) || foreignHolder(o) !== null) return null;
  // Nobody leads without a watchdog that is required: not beyond this deadline, then.
  if (watchdogFailure(o) !== null) return null;
  if ((o.lease?.storeTrouble ?? null) === null) return storeIsBack(o, deadline);
  const others = whoMustAgree(o, m);
  return others === null ? null : askInTime(o, others, deadline);
}

/** Ask at the first sign of trouble: who is asked before the lease ends does not race when it does (spec/ha.md W4). */
function askInTime(o: Observation, others: FailsafeMembers, deadline: Instant): Decision {
  const round = lastRound(o, others);
  const agreed = round !== null && [...others.keys()].every((each) => round.answers.get(each)?.kind === 'accepted');
  if (agreed && !round.isTold && later(round.askedAt, round.ttl) > deadline) {
    return conclude('failsafe-agreed', { kind: 'extend-by-members', askedAt: round.askedAt }, { members: others.size });
  }
  const pause = agreed ? millis(round.ttl / ROUNDS_IN_TTL) : FAILSAFE_ANSWER_LIMIT;
  const askAt = round === null ? o.now : later(round.askedAt, pause);
  if (o.now >= askAt) return conclude('failsafe-ask', { kind: 'ask-failsafe', members: others }, trouble(o));
  if (agreed)
    return wait('failsafe-lead', 'the store; the members agree', askAt, { members: others.size, ...trouble(o) });
  const refused = refusals(round, others);
  return refused === ''
    ? wait('failsafe-asking', 'the word of the members', askAt, trouble(o))
    : wait('failsafe-refused', 'another word of those that do not agree', askAt, { refused, ...trouble(o) });
}

/**
 * The lock ran out in the store meanwhile. Nobody can have taken it, since all have promised to leave it: it is created
 * again. What the store still shows as mine is taken over.
 */
function storeIsBack(o: Observation, deadline: Instant): Decision | null {
  const lock = o.lease?.lock;
  if (lock?.kind !== 'doubtful' || lock.isPromised !== true) return null;
  if (o.store.kind !== 'settled') return wait('failsafe-lead', 'a picture of the store', fastStopAt(deadline));
  const stored = o.store.view.lock;
  if (stored === null) return conclude('failsafe-lead-again', { kind: 'acquire-lock' }, { doubt: lock.why });
  const { createRevision, modRevision } = stored;
  return conclude('adopt-own-lock', { kind: 'adopt-lock', createRevision, modRevision }, { doubt: lock.why });
}

/**
 * Everybody but me whom the store's list names, or may name by now. @returns `null`: there is no list, or I am not on it;
 * then nobody's word says enough.
 */
function whoMustAgree(o: Observation, m: Memory): FailsafeMembers | null {
  const stored = latestView(o)?.failsafe ?? null;
  const self = o.config.name;
  if (stored === null || !stored.has(self)) return null;
  return new Map([...(m.failsafeSent?.members ?? []), ...stored].filter(([name]) => name !== self));
}

/** The last round, if it asked everybody who counts, and what they said may still hold. */
function lastRound(o: Observation, others: FailsafeMembers): FailsafeRound | null {
  const round = o.failsafe;
  if (round === null || o.now >= later(round.askedAt, round.ttl)) return null;
  return [...others.keys()].every((each) => round.members.includes(each)) ? round : null;
}

/** Who, and in what words. */
function refusals(round: FailsafeRound | null, others: FailsafeMembers): string {
  const words = [...others.keys()].flatMap((each) => {
    const answer = round?.answers.get(each);
    return answer?.kind === 'refused' ? [`${each}: ${answer.reason}`] : [];
  });
  return words.join('; ');
}

function trouble(o: Observation): { readonly store: string | null } {
  return { store: o.lease?.storeTrouble ?? null };
}

/** What the `failsafe` key should say while I lead: every member that can be asked, and me. */
export function publishedFailsafe(o: Observation): FailsafeMembers {
  const others = (latestView(o)?.members ?? []).flatMap(({ name, apiUrl }) =>
    apiUrl === null || name === o.config.name ? [] : [[name, apiUrl] as const],
  );
  return new Map([...others, [o.config.name, ownApiUrl(o)] as const].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What this leader says to the members: who it is, and how far its slots are (spec/dcs.md 1.11). */
export function failsafeCall(o: Observation): FailsafeCall {
  const server = o.postgres?.server;
  const slots = new Map<SlotName, Lsn>();
  if (server?.kind === 'primary') {
    slots.set(slotNameOf(o.config.name), server.flushLsn);
    for (const slot of server.slots) {
      const lsn = slotPosition(slot);
      if (lsn !== null) slots.set(slot.name, lsn);
    }
  }
  return { name: o.config.name, connUrl: ownConnUrl(o), apiUrl: ownApiUrl(o), slots, ttl: o.timings.ttl };
}

/** How long a promise lasts: for the shorter `ttl` of the two it would end before the asker's deadline. */
export function promiseLasts(o: Observation, asked: Millis | null): Millis {
  return millis(Math.max(o.timings.ttl, asked ?? 0));
}
