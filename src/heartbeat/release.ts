import type { Revision } from '../domain/names.ts';
import type { StoreWrite, WriteOutcome } from '../domain/store-write.ts';
import type { Instant } from '../domain/time.ts';
import { later } from '../domain/time.ts';
import type { GuardianReport } from '../ports/guardian.ts';
import type { LockCommandOutcome } from '../ports/heartbeat.ts';
import type { Draft } from './draft.ts';
import { answer, ask, change, doubted } from './draft.ts';
import { guardianReady, wish } from './guardian-link.ts';
import { deleteLock } from './lock-write.ts';
import type { Release } from './state.ts';
import { storeAnswered, storeRefused, storeSilent } from './store-health.ts';
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
    giveUpAt: later(at, lockWorkLimit(settings.ttl)),
  };
  return change(draft, { work, lock: doubted(lock, 'the lock is being released', 'command') });
}

export function tendRelease(draft: Draft, at: Instant): Draft {
  const { work, guardian } = draft.state;
  if (work?.kind !== 'release') return draft;
  const { phase } = work;
  if (phase.kind === 'status' || phase.kind === 'delete') return draft; // These requests end by themselves.
  if (at >= work.giveUpAt) return finish(draft, work, { kind: 'refused', why: 'no guardian confirmed it in time' });
  if (phase.kind === 'quiet') return guardianReady(draft.state, at) ? draft : prepareAgain(draft, work);
  const { wanted } = guardian;
  if (wanted.kind === 'resting' && wanted.because === 'evidence') return writeStatus(draft, work, 1);
  if (!guardianReady(draft.state, at)) return draft;
  const number = draft.state.nextNumber;
  const asked = tell(draft, at, { kind: 'confirm-quiet' });
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
  const judged = judgeStore(draft, heard);
  return phase.kind === 'status'
    ? statusAnswered(judged, { work, tries: phase.tries, outcome: heard.outcome })
    : deleteAnswered(judged, { at: heard.at, work, tries: phase.tries, outcome: heard.outcome });
}

/**
 * By the status the others know what the next leader must have: the lock is not given up before the store has answered.
 * A store that will not have it is no reason to keep the lock.
 */
function statusAnswered(
  draft: Draft,
  { work, tries, outcome }: { readonly work: Release; readonly tries: number; readonly outcome: WriteOutcome },
): Draft {
  if (outcome.kind !== 'no-answer') return deleteIt(draft, work, 1);
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
      // After an unanswered try the lock is gone, by that try or otherwise; at the first it was not mine any more.
      return released(
        draft,
        at,
        work,
        tries > 1 ? { kind: 'released' } : { kind: 'lost', why: 'the lock is not mine any more' },
      );
    case 'no-answer':
      if (tries < RELEASE_TRIES_MAX) return deleteIt(draft, work, tries + 1);
      return finish(draft, work, { kind: 'no-answer', why: outcome.reason });
    case 'lease-gone':
      return finish(draft, work, { kind: 'no-answer', why: 'the store named a lease in answer to a delete' });
    case 'refused':
      return finish(draft, work, { kind: 'refused', why: `the store refuses: ${outcome.reason}` });
  }
}

function writeStatus(draft: Draft, work: Release, tries: number): Draft {
  const { settings } = draft.state;
  const { status } = work;
  if (status === null || settings === null) return deleteIt(draft, work, 1);
  return ask(draft, (id) => ({
    changes: { work: { ...work, phase: { kind: 'status', id, tries } } },
    effect: { kind: 'write', id, write: status, limit: requestLimit(settings.ttl) },
  }));
}

function deleteIt(draft: Draft, work: Release, tries: number): Draft {
  const { self, settings } = draft.state;
  if (settings === null) return draft;
  const write = deleteLock({ self, createRevision: work.createRevision });
  return ask(draft, (id) => ({
    changes: { work: { ...work, phase: { kind: 'delete', id, tries } } },
    effect: { kind: 'write', id, write, limit: requestLimit(settings.ttl) },
  }));
}

/** The guardian went away before it answered: ask the next one. */
function prepareAgain(draft: Draft, work: Release): Draft {
  return change(draft, { work: { ...work, phase: { kind: 'prepare' } } });
}

/** The lock is nobody's or another's, and PostgreSQL cannot write: nothing is left to guard. */
function released(draft: Draft, at: Instant, work: Release, outcome: LockCommandOutcome): Draft {
  const ended = answer(change(draft, { work: null, lock: { kind: 'none' } }), work.answerTo, outcome);
  if (ended.state.guardian.wanted.kind === 'resting') return ended;
  return wish(ended, at, { kind: 'resting', because: 'nothing-to-guard', words: 'the lock is released' });
}

/** Not released: the lock stays in doubt, unextended, until the agent takes or releases it. */
function finish(draft: Draft, work: Release, outcome: LockCommandOutcome): Draft {
  return answer(change(draft, { work: null }), work.answerTo, outcome);
}

function judgeStore(draft: Draft, { at, outcome }: { readonly at: Instant; readonly outcome: WriteOutcome }): Draft {
  if (outcome.kind === 'no-answer') return storeSilent(draft, outcome.reason);
  return outcome.kind === 'refused' ? storeRefused(draft, outcome.reason) : storeAnswered(draft, at);
}
