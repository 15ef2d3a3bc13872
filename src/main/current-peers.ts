import { createPeers } from '../adapters/peers/create-peers.ts';
import type { ApiConfig } from '../domain/agent-config.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Peers } from '../ports/peers.ts';

/**
 * How peers are asked, with the certificates and credentials that hold now.
 * @throws When a configured certificate cannot be read; at a reload that is told, and the former ones stay.
 */
export function createCurrentPeers(
  initial: ApiConfig['client'],
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Peers & { reload(client: ApiConfig['client']): void } {
  let current = createPeers({ client: initial, clock });
  return {
    ask: (peer, question) => current.ask(peer, question),
    askFailsafe: (peer, failsafeCall, limit) => current.askFailsafe(peer, failsafeCall, limit),
    reload(client) {
      try {
        current = createPeers({ client, clock });
      } catch (error) {
        const problem = `ctl: ${error instanceof Error ? error.message : String(error)}`;
        log.write('error', 'configuration-refused', { problem, then: 'peers are asked as before' });
      }
    },
  };
}
