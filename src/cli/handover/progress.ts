import { type ClusterView, memberOf } from '../../domain/cluster-view.ts';
import type { MemberName } from '../../domain/names.ts';

/** How far a handover is, in a sentence that names what is waited for; `done` when somebody else leads as a primary. */
export type Progress =
  | { readonly kind: 'waiting'; readonly says: string }
  | { readonly kind: 'done'; readonly leader: MemberName };

/** As the store's keys tell it. `from`: who led when it was asked for; `to`: whom it names, if anybody. */
export function handoverProgress(
  view: ClusterView,
  { from, to }: { readonly from: string | null; readonly to: string | null },
): Progress {
  const holder = view.lock?.holder ?? null;
  const successor = to === null || to === '' ? 'another member' : to;
  if (holder === null) return waiting(`nobody leads; waiting for ${successor} to take the lock`);
  const member = memberOf(view, holder);
  if (holder === from) {
    const asked = view.failover === null ? 'has not taken the request up, or has dropped it' : 'was asked to hand over';
    return waiting(`${holder} leads (${member?.state ?? 'unknown'}) and ${asked}; waiting for it to stop`);
  }
  if (member?.role === 'primary' || member?.role === 'standby_leader') return { kind: 'done', leader: holder };
  return waiting(`${holder} has the lock; waiting for its PostgreSQL to be promoted`);
}

function waiting(says: string): Progress {
  return { kind: 'waiting', says };
}
