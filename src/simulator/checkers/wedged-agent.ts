import { storeKey } from '../../domain/names.ts';
import type { Place } from '../world/network.ts';
import type { Checker } from './checker.ts';

/**
 * An agent whose main thread stands still loses its lease, so that somebody else leads: the heartbeat, which goes on, asks
 * for no renewal once a `ttl` has passed without a step. Where another fault of that host mixes in, nobody can say from
 * outside when the last step was.
 */
export function wedgedAgentStopsRenewing(): Checker {
  let configured = 0;
  const wedgedSince = new Map<Place, number>();
  const troubledUntil = new Map<Place, number>();
  return {
    name: 'wedged-agent-stops-renewing',
    hears: ['fault', 'faults-over', 'agent-began', 'lease-extended', 'stored'],
    see: (fact, now) => {
      // The lease goes on under the former one, until the agent asks for another.
      if (fact.kind === 'stored' && fact.key === CONFIG) configured = ttlIn(fact.value) ?? configured;
      if (fact.kind === 'faults-over') wedgedSince.clear();
      if (fact.kind === 'agent-began') wedgedSince.delete(fact.host);
      if (fact.kind === 'fault' && fact.host !== null) {
        const { host, fault } = fact;
        const before = troubledUntil.get(host) ?? 0;
        const span = 'span' in fault ? fault.span : 0;
        troubledUntil.set(host, Math.max(before, now + span));
        if (fault.kind === 'stall-agent' && before <= now) wedgedSince.set(host, now);
        else wedgedSince.delete(host);
      }
      if (fact.kind !== 'lease-extended') return null;
      const since = wedgedSince.get(fact.by);
      if (since === undefined || now > (troubledUntil.get(fact.by) ?? 0)) return null;
      const limit = since + Math.max(fact.ttl, configured) * (1 + CLOCK_DRIFT);
      return fact.sentAt <= limit
        ? null
        : `${fact.by} asked for a renewal ${fact.sentAt - since} ms after its agent's last step`;
    },
  };
}

/** In milliseconds; `null`: it says none. */
function ttlIn(config: string | null): number | null {
  const [, seconds] = /"ttl":\s*(\d+)/.exec(config ?? '') ?? [];
  return seconds === undefined ? null : 1_000 * Number(seconds);
}

const CONFIG = storeKey('config');

/** The host's clock counts the span, and the world's judges it. */
const CLOCK_DRIFT = 0.01;
