import type { Instant } from '../domain/time.ts';
import { later } from '../domain/time.ts';
import type { GuardianMessage } from '../ports/guardian.ts';
import type { Draft } from './draft.ts';
import { ask, become } from './draft.ts';
import { pace } from './pace.ts';
import type { GuardianLink, HeartbeatState, SentMessage } from './state.ts';
import { LATE_MESSAGE } from './timing.ts';

/** Send a message; unanswered for too long it shows a hung guardian. */
export function tell(draft: Draft, at: Instant, message: (number: number) => GuardianMessage): Draft {
  const { guardian } = draft.state;
  const { link } = guardian;
  if (link.kind !== 'connected') return draft;
  return ask(draft, (number) => {
    const sent: SentMessage = { number, at, isLate: isLate(draft.state, link.lastSentAt, at) };
    const waiting = { kind: 'connected', unanswered: [...link.unanswered, sent], lastSentAt: at } as const;
    return {
      state: { ...draft.state, guardian: { ...guardian, link: waiting } },
      effect: { kind: 'tell-guardian', message: message(number) },
    };
  });
}

function isLate(state: HeartbeatState, lastSentAt: Instant, at: Instant): boolean {
  const { settings } = state;
  return settings !== null && at > later(later(lastSentAt, pace(state, settings)), LATE_MESSAGE);
}

export function setGuardian(draft: Draft, guardian: GuardianLink): Draft {
  return become(draft, { ...draft.state, guardian });
}
