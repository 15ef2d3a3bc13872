import type { Instant } from '../domain/time.ts';
import type { GuardianMessage } from '../ports/guardian.ts';
import type { Draft } from './draft.ts';
import { ask, change } from './draft.ts';
import type { GuardianLink } from './state.ts';

type Unnumbered<M> = M extends GuardianMessage ? Omit<M, 'number'> : never;

/** Send a message; unanswered for too long it shows a hung guardian. */
export function tell(draft: Draft, at: Instant, message: Unnumbered<GuardianMessage>): Draft {
  const { link } = draft.state.guardian;
  if (link.kind !== 'connected') return draft;
  return ask(draft, (number) => ({
    changes: {
      guardian: {
        ...draft.state.guardian,
        link: { ...link, unanswered: [...link.unanswered, { number, at }], lastSentAt: at },
      },
    },
    effect: { kind: 'tell-guardian', message: { ...message, number } },
  }));
}

export function setGuardian(draft: Draft, changes: Partial<GuardianLink>): Draft {
  return change(draft, { guardian: { ...draft.state.guardian, ...changes } });
}
