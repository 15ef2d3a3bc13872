import type { Instant } from '../domain/time.ts';
import type { Draft } from './draft.ts';
import { change } from './draft.ts';

/** The store answered what it was asked. */
export function storeAnswered(draft: Draft, at: Instant): Draft {
  return change(draft, { store: { answeredAt: at, trouble: null, failures: 0 } });
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
