import type { Revision } from '../domain/names.ts';
import type { StoreWrite, WriteOutcome } from '../domain/store-write.ts';
import type { Instant } from '../domain/time.ts';
import { later } from '../domain/time.ts';
import type { GuardianReport } from '../ports/guardian.ts';
import type { LockCommandOutcome, LockReadOutcome } from '../ports/heartbeat.ts';
import type { Draft } from './draft.ts';
import { answer, ask, change, doubted } from './draft.ts';
import { guardianReady, wish } from './guardian-link.ts';
import { lookFor } from './lock.ts';
import { deleteLock } from './lock-write.ts';
import type { Release } from './state.ts';
import { storeHeard } from './store-health.ts';
import { tell } from './tell-guardian.ts';
import { lockWorkLimit, RELEASE_TRIES_MAX, requestLimit } from './timing.ts';

/**
 * Give the lock up: nothing extends it any more; then nothing of PostgreSQL is left, as the guardian sees it, or the
 * agent has given evidence that it cannot write; then the status; then the lock is deleted. In this order.
 */
export function release(
  draft: Draft,
  at: Instant,
  command: { readonly answerTo: number; readonly createRevision: Revision; readonly status: StoreWrite | null },
): Draft {
  const { settings, lock } = draft.state;
  if (settings === null) {
    return answer(draft, command.answerTo, { kind: 'refused', why: 'the heartbeat is not configured' });
  }
  const work: Release = {
    kind: 'release',
    ...command,
    phase: { kind: 'prepare' },
    mayBeDone: false,
    giveUpAt: later(at, lockWorkLimit(settings.ttl)),
  };
  return change(draft, { work, lock: doubted(lock, 'the lock is being released', 'command') });
}

export function tendRelease(draft: Draft, at: Instant): Draft {
  const { work, guardian } = draft.state;
  if (work?.kind !== 'release') return draft;
  const { phase } = work;
  if (phase.kind !== 'prepare' && phase.kind !== 'quiet') return draft; // These requests end by themselves.
  if (at >= work.giveUpAt) return finish(draft, work, { kind: 'refused', why: 'no guardian confirmed it in time' });
  if (phase.kind === 'quiet') return guardianReady(draft.state, at) ? draft : prepareAgain(draft, work);
  const { wanted } = guardian;
  if (wanted.kind === 'resting' && wanted.because === 'evidence') return writeStatus(draft, work, 1);
  if (!guardianReady(draft.state, at)) return draft;
  const number = draft.state.nextNumber;
  const asked = tell(draft, at, () => ({ kind: 'confirm-quiet', number }));
  return change(asked, { work: { ...work, phase: { kind: 'quiet', number } } });
}

export function hearQuiet(draft: Draft, report: GuardianReport): Draft {
  const { work } = draft.state;
  if (work?.kind !== 'release' || work.phase.kind !== 'quiet') return draft;
  if (report.kind === 'quiet' && report.number === work.phase.number) return writeStatus(draft, work, 1);
  if (report.kind !== 'busy' || report.number !== work.phase.number) return draft;
  const why = `${report.processCount} processes of the data directory are left`;
  return finish(draft, work, { kind: 'refused', why });
}

export function hearReleaseWritten(
  draft: Draft,
  heard: { readonly at: Instant; readonly id: number; readonly outcome: WriteOutcome },
): Draft {
  const { work } = draft.state;
  if (work?.kind !== 'release') return draft;
  const { phase } = work;
  if ((phase.kind !== 'status' && phase.kind !== 'delete') || phase.id !== heard.id) return draft;
  const judged = storeHeard(draft, heard.at, heard.outcome);
  return phase.kind === 'status'
    ? statusAnswered(judged, { work, tries: phase.tries, outcome: heard.outcome })
    : deleteAnswered(judged, { at: heard.at, work, tries: phase.tries, outcome: heard.outcome });
}

/** What is there is deleted as it was just seen; if nothing of mine is, nothing is left to do. */
export function hearReleaseLook(
  draft: Draft,
  { at, id, outcome }: { readonly at: Instant; readonly id: number; readonly outcome: LockReadOutcome },
): Draft {
  const { work, self } = draft.state;
  if (work?.kind !== 'release' || work.phase.kind !== 'look' || work.phase.id !== id) return draft;
  const { tries } = work.phase;
  const judged = storeHeard(draft, at, outcome);
  switch (outcome.kind) {
    case 'read': {
      const seen = lookFor(outcome.lock, { self, createRevision: work.createRevision, lease: 'any' });
      if (seen.kind === 'mine') return deleteIt(judged, work, seen.lock.modRevision, tries);
      return released(judged, at, work, work.mayBeDone ? { kind: 'released' } : { kind: 'lost', why: seen.why });
    }
    case 'no-answer':
      return lookAgain(judged, work, tries, outcome.reason);
    case 'refused':
      return finish(judged, work, { kind: 'refused', why: `the store refuses: ${outcome.reason}` });
  }
}

/**
 * By the status the others know what the next leader must have: the lock is not given up before the store has answered.
 * A store that will not have it is no reason to keep the lock.
 */
function statusAnswered(
  draft: Draft,
  { work, tries, outcome }: { readonly work: Release; readonly tries: number; readonly outcome: WriteOutcome },
): Draft {
  if (outcome.kind !== 'no-answer') return beginDelete(draft, work);
  if (tries < RELEASE_TRIES_MAX) return writeStatus(draft, work, tries + 1);
  return finish(draft, work, { kind: 'no-answer', why: outcome.reason });
}

function deleteAnswered(
  draft: Draft,
  {
    at,
    work,
    tries,
    outcome,
  }: { readonly at: Instant; readonly work: Release; readonly tries: number; readonly outcome: WriteOutcome },
): Draft {
  switch (outcome.kind) {
    case 'written':
      return released(draft, at, work, { kind: 'released' });
    case 'conflict':
      // Gone, perhaps by an earlier try; another's; or on another lease since.
      return lookAgain(draft, work, tries, 'the lock changes all the time');
    case 'no-answer':
      return lookAgain(draft, { ...work, mayBeDone: true }, tries, outcome.reason);
    case 'lease-gone':
      return finish(draft, work, { kind: 'no-answer', why: 'the store named a lease in answer to a delete' });
    case 'refused':
      return finish(draft, work, { kind: 'refused', why: `the store refuses: ${outcome.reason}` });
  }
}

function writeStatus(draft: Draft, work: Release, tries: number): Draft {
  const { settings } = draft.state;
  const { status } = work;
  if (status === null || settings === null) return beginDelete(draft, work);
  return ask(draft, (id) => ({
    state: { ...draft.state, work: { ...work, phase: { kind: 'status', id, tries } } },
    effect: { kind: 'write', id, write: status, limit: requestLimit(settings.ttl) },
  }));
}

/** As the last proof showed it; if it has changed since, the look says how. One that was never proven here is looked at first. */
function beginDelete(draft: Draft, work: Release): Draft {
  const { lock } = draft.state;
  const isKnown = lock.kind !== 'none' && lock.createRevision === work.createRevision;
  return isKnown ? deleteIt(draft, work, lock.modRevision, 1) : look(draft, work, 1);
}

function look(draft: Draft, work: Release, tries: number): Draft {
  const { settings } = draft.state;
  if (settings === null) return draft;
  return ask(draft, (id) => ({
    state: { ...draft.state, work: { ...work, phase: { kind: 'look', id, tries } } },
    effect: { kind: 'read-lock', id, limit: requestLimit(settings.ttl) },
  }));
}

function lookAgain(draft: Draft, work: Release, tries: number, why: string): Draft {
  return tries < RELEASE_TRIES_MAX ? look(draft, work, tries + 1) : finish(draft, work, { kind: 'no-answer', why });
}

function deleteIt(draft: Draft, work: Release, modRevision: Revision, tries: number): Draft {
  const { self, settings } = draft.state;
  if (settings === null) return draft;
  const write = deleteLock({ self, createRevision: work.createRevision, modRevision });
  return ask(draft, (id) => ({
    state: { ...draft.state, work: { ...work, phase: { kind: 'delete', id, tries } } },
    effect: { kind: 'write', id, write, limit: requestLimit(settings.ttl) },
  }));
}

/** The guardian went away before it answered: ask the next one. */
function prepareAgain(draft: Draft, work: Release): Draft {
  return change(draft, { work: { ...work, phase: { kind: 'prepare' } } });
}

/** The lock that was to be released is gone, and PostgreSQL cannot write: nothing is left to guard. */
function released(draft: Draft, at: Instant, work: Release, outcome: LockCommandOutcome): Draft {
  const ended = answer(change(draft, { work: null, lock: { kind: 'none' } }), work.answerTo, outcome);
  if (ended.state.guardian.wanted.kind === 'resting') return ended;
  return wish(ended, at, { kind: 'resting', because: 'nothing-to-guard', words: 'the lock is released' });
}

/** Not released: the lock stays in doubt, unextended, until the agent takes or releases it. */
function finish(draft: Draft, work: Release, outcome: LockCommandOutcome): Draft {
  return answer(change(draft, { work: null }), work.answerTo, outcome);
}
