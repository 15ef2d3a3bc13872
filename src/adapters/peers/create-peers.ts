import type { ApiConfig } from '../../domain/agent-config.ts';
import { agentIdentity } from '../../domain/version.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Peers } from '../../ports/peers.ts';
import { readPeerAnswer } from '../../wire/peer.ts';
import { clientTls } from './client-tls.ts';
import { authorization, exchange } from './exchange.ts';

/**
 * Ask other members over their REST API, one connection for each question: in the moment that counts, a kept connection
 * may lead to a host that is gone, and nobody notices before the limit.
 * @throws When a configured certificate cannot be read.
 */
export function createPeers(options: { readonly client: ApiConfig['client']; readonly clock: Clock }): Peers {
  const tls = clientTls(options.client);
  const headers = { 'User-Agent': agentIdentity, ...authorization(options.client.auth) };
  return {
    async ask({ member, apiUrl }, limit) {
      const askedAt = options.clock.now();
      const reply = await exchange(apiUrl, { ...tls, headers, agent: false, signal: AbortSignal.timeout(limit) });
      return reply.kind === 'answered'
        ? readPeerAnswer({ member, askedAt, body: reply.body })
        : { kind: 'no-answer', member, askedAt, reason: reply.reason };
    },
  };
}
