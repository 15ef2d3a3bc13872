import type { Instant } from '../domain/time.ts';
import { later, millis } from '../domain/time.ts';
import type { GuardianMessage, GuardianReport } from '../ports/guardian.ts';
import type { Draft } from './draft.ts';
import { change } from './draft.ts';
import { pace } from './pace.ts';
import type { GuardianLink, GuardianWish, HeartbeatState } from './state.ts';
import { setGuardian, tell } from './tell-guardian.ts';
import { GUARDIAN_ANSWER_LIMIT, GUARDIAN_CONNECT_LIMIT, GUARDIAN_RETRY_PAUSE, guardianGrace } from './timing.ts';
import { greetWatchdog, hearWatchdog, wantsWatchdog } from './watchdog.ts';

/** What the guardian, or the connection to it, said. */
export function hearGuardian(draft: Draft, at: Instant, report: GuardianReport): Draft {
  const { guardian } = draft.state;
  switch (report.kind) {
    case 'connected':
      return draft; // It counts from its `hello` on.
    case 'hello': {
      const link = { kind: 'connected', unanswered: [], lastSentAt: at } as const;
      const { armedUntil } = report;
      const greeted = greetWatchdog(setGuardian(draft, { ...guardian, link, armedUntil }), at, report.watchdog);
      // A guardian that takes this one's place has to know what an earlier agent armed.
      if (guardian.wanted.kind !== 'as-found' || armedUntil === null) return reconcile(greeted, at);
      const wanted: GuardianWish = { kind: 'armed', deadline: armedUntil };
      return setGuardian(guardedAlready(greeted), { ...greeted.state.guardian, wanted });
    }
    case 'armed':
      return answered(setGuardian(draft, { ...guardian, armedUntil: report.deadline }), report.number);
    case 'disarmed':
      return answered(setGuardian(draft, { ...guardian, armedUntil: null }), report.number);
    case 'pong':
    case 'quiet':
    case 'busy':
      return answered(draft, report.number);
    case 'fencing':
      return report.step === 'fenced' ? fenced(draft, report.deadline) : draft;
    case 'watchdog':
      return hearWatchdog(draft, report.watchdog);
    case 'lost':
      return guardian.link.kind === 'absent' ? draft : lostGuardian(draft, at);
  }
}

/** Whoever seeks the lock began before it could know that an earlier agent left its deadline: that one stands. */
function guardedAlready(draft: Draft): Draft {
  const { work } = draft.state;
  return work?.kind === 'pursuit' ? change(draft, { work: { ...work, guardedBefore: true } }) : draft;
}

/** Keep a guardian connected and answering: ping it, replace one that is hung or gone. */
export function tendGuardian(draft: Draft, at: Instant): Draft {
  const { link } = draft.state.guardian;
  switch (link.kind) {
    case 'absent':
      return at >= link.retryAt ? connect(draft, at) : draft;
    case 'connecting':
      return at >= link.giveUpAt ? connect(draft, at) : draft;
    case 'connected': {
      const oldest = link.unanswered[0];
      if (oldest !== undefined && at >= later(oldest.at, GUARDIAN_ANSWER_LIMIT)) return connect(draft, at);
      const isDue = oldest === undefined && isPingDue(draft.state, link.lastSentAt, at);
      const pinged = isDue ? tell(draft, at, (number) => ({ kind: 'ping', number })) : draft;
      if (!guardianReady(pinged.state, at)) return pinged;
      return setGuardian(pinged, { ...pinged.state.guardian, readyAt: at });
    }
  }
}

/** Together with a renewal if one is due about then: one waking for both. */
function isPingDue(state: HeartbeatState, lastSentAt: Instant, at: Instant): boolean {
  const { renewal, settings } = state;
  if (settings === null) return false;
  const apart = pace(state, settings);
  const isRenewing = renewal.kind === 'idle' && at >= renewal.dueAt;
  return at >= later(lastSentAt, isRenewing ? millis(apart / 2) : apart);
}

/** Say what the guardian should do from now on, and tell it if it is there; else it is told when it is back. */
export function wish(draft: Draft, at: Instant, wanted: GuardianWish): Draft {
  return reconcile(setGuardian(draft, { ...draft.state.guardian, wanted }), at);
}

/**
 * Whether a guardian is there, answers, and is armed whenever it should be. Strict: this is what a promotion and
 * every extension ask.
 */
export function guardianReady(state: HeartbeatState, at: Instant): boolean {
  const { link, wanted, armedUntil } = state.guardian;
  if (link.kind !== 'connected') return false;
  const oldest = link.unanswered[0];
  const answers = oldest === undefined || at < later(oldest.at, GUARDIAN_ANSWER_LIMIT);
  return answers && (wanted.kind !== 'armed' || armedUntil !== null);
}

/** What the agent is told: a guardian that is just being replaced still counts, for a bounded time. */
export function guardianReported(state: HeartbeatState, at: Instant): 'ready' | 'absent' {
  if (guardianReady(state, at)) return 'ready';
  const { readyAt } = state.guardian;
  if (readyAt === null || state.settings === null) return 'absent';
  return at < later(readyAt, guardianGrace(state.settings.ttl)) ? 'ready' : 'absent';
}

/** Make the guardian's state what is wanted, whenever the two may differ. Repeating it is harmless. */
function reconcile(draft: Draft, at: Instant): Draft {
  const { wanted, armedUntil } = draft.state.guardian;
  switch (wanted.kind) {
    case 'as-found': // and found at rest
      return draft;
    case 'armed':
      return tell(draft, at, (number) => armed(number, wanted));
    case 'resting':
      // Whether a watchdog was left counting only the guardian can tell.
      return armedUntil === null && nothingUnanswered(draft.state.guardian) && !wantsWatchdog(draft.state)
        ? draft
        : tell(draft, at, (number) => disarmed(number, wanted));
  }
}

function armed(
  number: number,
  { deadline, isUnproven }: Extract<GuardianWish, { readonly kind: 'armed' }>,
): GuardianMessage {
  return isUnproven === true ? { kind: 'arm', deadline, isUnproven, number } : { kind: 'arm', deadline, number };
}

function disarmed(
  number: number,
  { because, words }: Extract<GuardianWish, { readonly kind: 'resting' }>,
): GuardianMessage {
  const isUnproven = because === 'not-my-lock';
  return isUnproven
    ? { kind: 'disarm', evidence: words, isUnproven, number }
    : { kind: 'disarm', evidence: words, number };
}

/** An `arm` may be on its way when a guardian looks disarmed. */
function nothingUnanswered({ link }: GuardianLink): boolean {
  return link.kind === 'connected' && link.unanswered.length === 0;
}

function answered(draft: Draft, number: number): Draft {
  const { guardian } = draft.state;
  const { link } = guardian;
  if (link.kind !== 'connected') return draft;
  // It answers in order, so an answer settles whatever was sent before it.
  const unanswered = link.unanswered.filter((each) => each.number > number);
  return setGuardian(draft, { ...guardian, link: { ...link, unanswered } });
}

/** Nothing is left to guard; a later deadline that it was armed with meanwhile stays in force. */
function fenced(draft: Draft, deadline: Instant): Draft {
  const { guardian } = draft.state;
  const { wanted } = guardian;
  if (wanted.kind === 'armed' && wanted.deadline > deadline) return draft;
  const rests: GuardianWish = { kind: 'resting', because: 'nothing-to-guard', words: 'fenced at the deadline' };
  return setGuardian(draft, { ...guardian, armedUntil: null, wanted: rests });
}

function lostGuardian(draft: Draft, at: Instant): Draft {
  const { guardian } = draft.state;
  const { link } = guardian;
  // A living connection that broke is replaced at once; a failed attempt after a pause.
  const retryAt = link.kind === 'connected' ? at : later(at, GUARDIAN_RETRY_PAUSE);
  const readyAt = guardianReady(draft.state, at) ? at : guardian.readyAt;
  const absent = { kind: 'absent', retryAt } as const;
  return setGuardian(draft, { ...guardian, link: absent, armedUntil: null, watchdog: null, readyAt });
}

function connect(draft: Draft, at: Instant): Draft {
  const link = { kind: 'connecting', giveUpAt: later(at, GUARDIAN_CONNECT_LIMIT) } as const;
  const guardian = { ...draft.state.guardian, link, armedUntil: null, watchdog: null };
  return change(draft, { guardian }, { kind: 'connect-guardian' });
}
