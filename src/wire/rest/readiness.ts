import type { NodeSnapshot } from '../../domain/node-snapshot.ts';
import { parseLagLimit } from './lag-limit.ts';
import type { NodeFacts } from './node-facts.ts';

/**
 * May traffic be sent here: the leader, or a replica that streams and is close enough behind, by what it replayed or, with
 * `mode=write`, by what it received. First match decides (spec/rest-api.md 9).
 */
export function isReady(facts: NodeFacts, snapshot: NodeSnapshot, query: ReadonlyMap<string, string>): boolean {
  if (facts.lock === 'held') return true;
  if (facts.state !== 'running' || facts.replicationState !== 'streaming') return false;
  // Nothing says where the leader is: how far behind this node is cannot be known.
  if (facts.view === null && facts.receiverEndLsn === null) return facts.failsafeActive;
  const own = query.get('mode') === 'write' ? facts.receivedLsn : facts.replayedLsn;
  if (own === null) return false;
  return facts.leaderLsn === null || facts.leaderLsn - own <= limitFor(snapshot, query);
}

function limitFor(snapshot: NodeSnapshot, query: ReadonlyMap<string, string>): bigint {
  const asked = query.get('lag');
  const limit = asked === undefined ? null : parseLagLimit(asked);
  return limit ?? snapshot.observation.dynamic.maximumLagOnFailoverBytes;
}
