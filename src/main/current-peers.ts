import { createPeers } from '../adapters/peers/create-peers.ts';
import type { ApiConfig } from '../domain/agent-config.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Peers } from '../ports/peers.ts';

/**
 * How peers are asked, with the certificates and credentials that hold now. With ones that cannot be used nobody can be
 * asked, which is told; each question tries them again, for somebody may be renewing them. That is no reason not to be
 * there: PostgreSQL may run here. At a reload the former ones stay.
 */
export function createCurrentPeers(
  initial: ApiConfig['client'],
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Peers & { reload(client: ApiConfig['client']): void } {
  let wanted = initial;
  let current = peersOrTrouble(wanted, clock);
  const tell = (trouble: string, then: string): void => {
    log.write('error', 'configuration-refused', { problem: `ctl: ${trouble}`, then });
  };
  if (typeof current === 'string') tell(current, 'peers cannot be asked');
  const usable = (): Peers | string => {
    if (typeof current === 'string') current = peersOrTrouble(wanted, clock);
    return current;
  };
  return {
    async ask(peer, question) {
      const peers = usable();
      if (typeof peers !== 'string') return peers.ask(peer, question);
      return { kind: 'no-answer', member: peer.member, askedAt: clock.now(), reason: peers };
    },
    async askFailsafe(peer, failsafeCall, limit) {
      const peers = usable();
      return typeof peers === 'string'
        ? { kind: 'refused', reason: peers }
        : peers.askFailsafe(peer, failsafeCall, limit);
    },
    reload(client) {
      const renewed = peersOrTrouble(client, clock);
      if (typeof renewed === 'string') tell(renewed, 'peers are asked as before');
      else current = renewed;
      wanted = client;
    },
  };
}

function peersOrTrouble(client: ApiConfig['client'], clock: Clock): Peers | string {
  try {
    return createPeers({ client, clock });
  } catch (error) {
    // The world's fault, not ours: a file that is missing, no certificate, or encrypted with another password.
    return error instanceof Error ? error.message : String(error);
  }
}
