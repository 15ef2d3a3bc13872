import type { RandomStream } from '../kernel/random-stream.ts';
import type { Settings } from '../world/settings.ts';
import type { PlannedFault } from './fault.ts';

/**
 * What failsafe mode has to stand: while a leader goes on without the store an agent that left the lead to it is restarted,
 * forgets that, and is named by an operator at once. @param stream its own.
 */
export function drawForgottenPromises(
  stream: RandomStream,
  { settings, until }: { readonly settings: Settings; readonly until: number },
): readonly PlannedFault[] {
  if (!settings.failsafeMode) return [];
  const ttl = settings.ttl * 1000;
  const rounds = Array.from({ length: stream.integer(0, ROUNDS_MAX) }, (): readonly PlannedFault[] => {
    const at = stream.between(FIRST_MS, until);
    const target = stream.integer(0, settings.nodes - 1);
    const forgets = at + ttl * stream.between(1, 2);
    const span = stream.between(200, 2_000);
    return [
      { at, fault: { kind: 'cut-node', target: 'leader', span: 3 * ttl, from: 'store', direction: 'both' } },
      { at: forgets, fault: { kind: 'kill-agent', target, span } },
      { at: forgets + span + stream.between(0, 1_500), fault: { kind: 'failover', of: target, candidate: target } },
    ];
  });
  return rounds.flat();
}

const ROUNDS_MAX = 2;
const FIRST_MS = 20_000;
