import type { NodeSnapshot } from '../../../domain/node-snapshot.ts';
import { between, type Instant } from '../../../domain/time.ts';
import { productVersion } from '../../../domain/version.ts';
import type { Family } from './exposition.ts';

/** What only Matriarch knows: its lease, its guardian, the store as it is now. What is not known has no sample. */
export function leaseFamilies({ observation }: NodeSnapshot, now: Instant): readonly Family[] {
  const { lease, timings, store } = observation;
  const own = lease?.lease ?? null;
  const lock = lease?.lock ?? null;
  return [
    {
      name: 'matriarch_build_info',
      type: 'gauge',
      help: 'Version of this agent; always 1.',
      samples: [{ labels: { version: productVersion }, value: '1' }],
    },
    seconds(
      'matriarch_lease_age_seconds',
      'Since the last proven renewal of the lease of this member was sent.',
      own === null ? null : own.grantedTtl - between(now, own.aliveUntil),
    ),
    seconds('matriarch_lease_ttl_seconds', 'For how long the store granted it.', own === null ? null : own.grantedTtl),
    seconds(
      'matriarch_lock_remaining_seconds',
      'Until writes would have to stop here; only where the lock is held.',
      lock?.kind === 'held' ? between(now, lock.deadline) : null,
    ),
    seconds('matriarch_ttl_seconds', 'The ttl in force.', timings.ttl),
    seconds('matriarch_loop_wait_seconds', 'The loop_wait in force.', timings.loopWait),
    seconds(
      'matriarch_store_silent_seconds',
      'Since the store stopped answering; 0 while it answers.',
      store.kind === 'unknown' ? null : store.kind === 'silent' ? between(store.since, now) : 0,
    ),
    {
      name: 'matriarch_guardian_ready',
      type: 'gauge',
      help: '1 if a guardian stands by to stop PostgreSQL when the lease runs out.',
      samples: lease === null ? [] : [{ value: lease.guardian === 'ready' ? '1' : '0' }],
    },
  ];
}

/** @param span in milliseconds; `null`: not known. */
function seconds(name: string, help: string, span: number | null): Family {
  return { name, help, type: 'gauge', samples: span === null ? [] : [{ value: String(span / 1000) }] };
}
