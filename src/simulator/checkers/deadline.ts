import type { LeaseId } from '../../domain/names.ts';
import { storeKey } from '../../domain/names.ts';
import type { Place } from '../world/network.ts';
import type { Checker } from './checker.ts';

/**
 * No acknowledgement after the lease's deadline (docs/faults.md): the last instant at which a keep-alive was sent that
 * the store's leader really granted, while the lock lay on that lease, plus the time granted. The store's own truth is
 * counted, so a reply that never came counts for the node, and one that a deposed leader gave does not.
 */
export function noAcknowledgementAfterDeadline(): Checker {
  const nodes = new Map<Place, NodeTruth>();
  const extended = new Map<LeaseId, { readonly sentAt: number; readonly ttl: number }>();
  let lockLease: LeaseId | null = null;
  let everLocked = false;
  const of = (host: Place): NodeTruth => {
    const known = nodes.get(host);
    if (known !== undefined) return known;
    const fresh: NodeTruth = { deadline: null, acknowledges: false, excused: false };
    nodes.set(host, fresh);
    return fresh;
  };
  const late = (host: Place, now: number): string | null => {
    const node = of(host);
    // The founder of a cluster runs its server before there has ever been a lock.
    if (!node.acknowledges || node.excused || !everLocked) return null;
    if (node.deadline === null) return `${host} acknowledges writes and never had the lock`;
    if (now <= node.deadline) return null;
    return `${host} acknowledged writes ${(now - node.deadline).toFixed(1)} ms after its deadline`;
  };
  const extend = (host: Place, lease: LeaseId): void => {
    const last = extended.get(lease);
    if (last === undefined) return;
    const node = of(host);
    node.deadline = Math.max(node.deadline ?? 0, last.sentAt + last.ttl);
  };
  return {
    name: 'no-acknowledgement-after-deadline',
    see: (fact, now) => {
      if (fact.kind === 'acknowledges') {
        of(fact.host).acknowledges = true;
        return late(fact.host, now);
      }
      if (fact.kind === 'falls-quiet') {
        const problem = late(fact.host, now);
        of(fact.host).acknowledges = false;
        return problem;
      }
      if (fact.kind === 'excused') of(fact.host).excused = true;
      if (fact.kind === 'excuse-ended') of(fact.host).excused = false;
      if (fact.kind === 'lease-extended') {
        const problem = late(fact.by, now);
        extended.set(fact.lease, fact);
        if (fact.lease === lockLease) extend(fact.by, fact.lease);
        return problem;
      }
      if (fact.kind === 'stored' && fact.key === LEADER) {
        everLocked ||= fact.value !== null;
        lockLease = fact.lease;
        if (fact.value !== null && fact.lease !== null) extend(fact.value, fact.lease);
      }
      return null;
    },
    end: (now) => {
      for (const host of nodes.keys()) {
        const problem = late(host, now);
        if (problem !== null) return problem;
      }
      return null;
    },
  };
}

type NodeTruth = { deadline: number | null; acknowledges: boolean; excused: boolean };

const LEADER = storeKey('leader');
