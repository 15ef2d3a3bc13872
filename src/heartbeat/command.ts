import { FAST_STOP_LEAD } from '../domain/fencing.ts';
import type { Instant } from '../domain/time.ts';
import { later, latest } from '../domain/time.ts';
import type { HeartbeatCommand } from '../ports/heartbeat.ts';
import type { Draft } from './draft.ts';
import { answer, become, change, isProvenNext } from './draft.ts';
import { wish } from './guardian-link.ts';
import { extendByMembers } from './lock.ts';
import { abandonPursuit, pursue } from './pursuit.ts';
import { release } from './release.ts';
import type { Settings } from './state.ts';
import { tell } from './tell-guardian.ts';
import { watchdogConfigured } from './watchdog.ts';

/** What the agent machine asks. */
export function obey(
  draft: Draft,
  at: Instant,
  { id, command }: { readonly id: number; readonly command: HeartbeatCommand },
): Draft {
  switch (command.kind) {
    case 'configure': {
      const { ttl, steppedWithin, watchdog, cannotWrite = false } = command;
      const settings = { ttl, steppedWithin, paused: command.paused || cannotWrite, cannotWrite };
      return configure(draft, at, watchdog === undefined ? settings : { ...settings, watchdog });
    }
    case 'stepped':
      return become(draft, { ...draft.state, steppedAt: at });
    case 'acquire':
      return oneAtATime(draft, id, (free) => pursue(free, at, { goal: { kind: 'create' }, answerTo: id }));
    case 'adopt': {
      const { createRevision, modRevision } = command;
      const goal = { kind: 'take-over', createRevision, modRevision } as const;
      return oneAtATime(draft, id, (free) => pursue(free, at, { goal, answerTo: id }));
    }
    case 'release': {
      const { createRevision, status } = command;
      return oneAtATime(draft, id, (free) => release(free, at, { answerTo: id, createRevision, status }));
    }
    case 'extend-by-members':
      return extendByMembers(draft, at, command.askedAt, command.ttl);
    case 'disarm':
      return disarm(draft, at, command.evidence);
    case 'end':
      return end(draft, at);
  }
}

function oneAtATime(draft: Draft, id: number, begin: (free: Draft) => Draft): Draft {
  if (draft.state.work === null) return begin(draft);
  return answer(draft, id, { kind: 'refused', why: 'another command for the lock is under way' });
}

function configure(draft: Draft, at: Instant, settings: Settings): Draft {
  const { settings: before, lock } = draft.state;
  const stepped = change(draft, { settings, steppedAt: draft.state.steppedAt ?? at });
  // Before any other deadline comes: a shorter ttl takes a shorter time-out first.
  const configured = watchdogConfigured(stepped, at, before);
  if (settings.paused === (before?.paused ?? false)) return configured;
  if (settings.paused) {
    const words = settings.cannotWrite ? 'PostgreSQL is a standby of another cluster' : 'the cluster is paused';
    return wish(configured, at, { kind: 'resting', because: 'paused', words });
  }
  if (lock.kind === 'none') return configured;
  // The pause is over. A deadline that has run out meanwhile still leaves time for an orderly stop.
  const deadline = lock.kind === 'held' ? lock.deadline : latest(lock.deadline, later(at, FAST_STOP_LEAD));
  return wish(configured, at, { kind: 'armed', deadline });
}

/**
 * PostgreSQL is proven a standby or stopped: the guardian rests, and there is no lock any more that it would have to guard,
 * whatever the store shows: the agent takes it up or releases it. A doubt that was kept would be guarded after a pause.
 */
function disarm(draft: Draft, at: Instant, evidence: string): Draft {
  const { work, settings } = draft.state;
  const isPaused = settings?.paused === true && !settings.cannotWrite;
  if (isPaused) return wish(draft, at, { kind: 'resting', because: 'evidence', words: evidence });
  // A lock that is just being taken is guarded from before it is mine. One that only moves to another lease is not taken.
  if (work?.kind === 'pursuit' && work.answerTo !== null) return draft;
  // What cannot write needs no guardian for its lock: the next proof says whether that is its own still.
  const free = abandonPursuit(draft, at, 'the guardian was disarmed');
  const isProvable = settings?.cannotWrite === true && isProvenNext(free.state.lock);
  return wish(isProvable ? free : change(free, { lock: { kind: 'none' } }), at, {
    kind: 'resting',
    because: 'evidence',
    words: evidence,
  });
}

function end(draft: Draft, at: Instant): Draft {
  const abandoned = abandonPursuit(draft, at, 'the agent leaves');
  const told = tell(abandoned, at, (number) => ({ kind: 'retire', number }));
  return change(told, { life: 'ended' }, { kind: 'end' });
}
