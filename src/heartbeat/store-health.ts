import type { WriteOutcome } from '../domain/store-write.ts';
import type { Instant } from '../domain/time.ts';
import type { LockReadOutcome } from '../ports/heartbeat.ts';
import type { Draft } from './draft.ts';
import { become, change } from './draft.ts';

/** What an outcome says of the store itself. */
export function storeHeard(draft: Draft, at: Instant, outcome: WriteOutcome | LockReadOutcome): Draft {
  if (outcome.kind === 'no-answer') return storeSilent(draft, outcome.reason);
  return outcome.kind === 'refused' ? storeRefused(draft, outcome.reason) : storeAnswered(draft, at);
}

/** The store answered what it was asked. */
export function storeAnswered(draft: Draft, at: Instant): Draft {
  return become(draft, { ...draft.state, store: { answeredAt: at, trouble: null, failures: 0 } });
}

/** The store answered and will not. That counts as loss of the store, but another endpoint would say the same. */
export function storeRefused(draft: Draft, reason: string): Draft {
  const { store } = draft.state;
  return change(draft, { store: { ...store, trouble: `refused: ${reason}`, failures: store.failures + 1 } });
}

/** Nothing was learned; the next request goes to another endpoint. */
export function storeSilent(draft: Draft, reason: string): Draft {
  const { store } = draft.state;
  return change(
    draft,
    { store: { ...store, trouble: reason, failures: store.failures + 1 } },
    { kind: 'switch-endpoint' },
  );
}
