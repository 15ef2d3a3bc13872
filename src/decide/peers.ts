import type { Member } from '../domain/cluster-view.ts';
import type { Decision } from '../domain/decision.ts';
import type { Observation } from '../domain/observation.ts';
import type { Instant, Millis } from '../domain/time.ts';
import { later, millis } from '../domain/time.ts';
import { conclude, wait } from './conclude.ts';
import type { RuleId } from './rules.ts';

/** How long a peer has to answer. */
export const PEER_ANSWER_LIMIT = millis(500);

/**
 * Ask those peers that have not answered since `since`, and wait for them, but no longer than the limit.
 * @returns `null` when every answer that can be expected is there.
 */
export function awaitPeers(
  o: Observation,
  peers: readonly Member[],
  options: { readonly since: Instant; readonly rule: RuleId; readonly maxAge?: Millis },
): Decision | null {
  const missing = peers.filter((each) => {
    const answer = o.peers.get(each.name);
    return each.apiUrl !== null && (answer === undefined || answer.askedAt < options.since);
  });
  if (missing.length === 0) return null;
  if (o.peersAskedAt === null || o.peersAskedAt < options.since) {
    const members = missing.map((each) => each.name);
    const { maxAge } = options;
    return conclude(options.rule, { kind: 'ask-peers', members, ...(maxAge === undefined ? {} : { maxAge }) });
  }
  const until = later(o.peersAskedAt, PEER_ANSWER_LIMIT);
  if (o.now >= until) return null;
  return wait('wait-for-peers', missing.map((each) => each.name).join(', '), until);
}
