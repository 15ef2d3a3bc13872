import type { RandomStream } from '../kernel/random-stream.ts';
import type { Settings } from '../world/settings.ts';
import type { PlannedFault } from './fault.ts';

/**
 * What faults that are drawn one by one hardly ever come to: each situation is a few of them in an order, with room for
 * chance in between. @param stream its own: the other faults of a seed stay as they are.
 */
export function drawSituations(
  stream: RandomStream,
  { settings, until }: { readonly settings: Settings; readonly until: number },
): readonly PlannedFault[] {
  const possible = [
    ...(settings.failsafeMode ? [forgottenPromise] : []),
    ...(settings.nodes > 1 ? [leftBehindInPause] : []),
    deposedStoreLeader,
  ];
  const plan = Array.from({ length: stream.integer(0, SITUATIONS_MAX) }, () => {
    const at = stream.between(FIRST_MS, until);
    return stream.pick(possible)?.(stream, settings, at) ?? [];
  });
  return plan.flat();
}

/**
 * While a leader goes on without the store an agent that left the lead to it is restarted, forgets that, and is named by an
 * operator at once.
 */
function forgottenPromise(stream: RandomStream, settings: Settings, at: number): readonly PlannedFault[] {
  const ttl = settings.ttl * 1000;
  const target = stream.integer(0, settings.nodes - 1);
  const forgets = at + ttl * stream.between(1, 2);
  const span = stream.between(200, 2_000);
  return [
    { at, fault: { kind: 'cut-node', target: 'leader', span: 3 * ttl, from: 'store', direction: 'both' } },
    { at: forgets, fault: { kind: 'kill-agent', target, span } },
    { at: forgets + span + stream.between(0, 1_500), fault: { kind: 'failover', of: target, candidate: target } },
  ];
}

/**
 * In a pause a leader's agent is gone, its PostgreSQL goes on, and an operator makes another one lead, which dies. When the
 * agent is back, and the pause over, nobody has the lock, and here runs a primary that the cluster has left behind.
 */
function leftBehindInPause(stream: RandomStream, settings: Settings, at: number): readonly PlannedFault[] {
  const ttl = settings.ttl * 1000;
  const target = stream.integer(0, settings.nodes - 1);
  const ends = at + 2 * ttl + stream.between(3_000, 9_000);
  const gone = at + stream.between(300, 1_000);
  const named = gone + ttl + stream.between(500, 2_000);
  return [
    { at, fault: { kind: 'pause-cluster', of: 'leader', span: ends - at } },
    { at: gone, fault: { kind: 'kill-agent', target: 'leader', span: ends - gone + stream.between(-2_000, 2_000) } },
    { at: named, fault: { kind: 'failover', of: target, candidate: target } },
    { at: named + stream.between(700, 3_000), fault: { kind: 'power-off', target: 'leader', span: 2 * ttl } },
  ];
}

/**
 * The store's leader is deposed, being cut off or waiting for its disk, and answers on for a moment; the cluster's leader
 * hears no other one after it.
 */
function deposedStoreLeader(stream: RandomStream, settings: Settings, at: number): readonly PlannedFault[] {
  const span = settings.electionTimeoutMs * stream.between(0.8, 5);
  const cut = at + span + stream.between(-300, 500);
  const kind = stream.chance(0.5) ? 'split-store-leader' : 'stick-store-leader';
  return [
    { at, fault: { kind, span } },
    {
      at: cut,
      fault: { kind: 'cut-node', target: 'leader', span: 2_000 * settings.ttl, from: 'store', direction: 'both' },
    },
  ];
}

const SITUATIONS_MAX = 2;
const FIRST_MS = 20_000;
