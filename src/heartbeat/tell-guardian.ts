import type { Instant } from '../domain/time.ts';
import type { GuardianMessage } from '../ports/guardian.ts';
import type { Draft } from './draft.ts';
import { ask, become } from './draft.ts';
import type { GuardianLink } from './state.ts';

/** Send a message; unanswered for too long it shows a hung guardian. */
export function tell(draft: Draft, at: Instant, message: (number: number) => GuardianMessage): Draft {
  const { guardian } = draft.state;
  const { link } = guardian;
  if (link.kind !== 'connected') return draft;
  return ask(draft, (number) => {
    const waiting = { kind: 'connected', unanswered: [...link.unanswered, { number, at }], lastSentAt: at } as const;
    return {
      state: { ...draft.state, guardian: { ...guardian, link: waiting } },
      effect: { kind: 'tell-guardian', message: message(number) },
    };
  });
}

export function setGuardian(draft: Draft, guardian: GuardianLink): Draft {
  return become(draft, { ...draft.state, guardian });
}
