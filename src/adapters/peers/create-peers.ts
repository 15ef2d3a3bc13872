import { setTimeout } from 'node:timers/promises';
import type { ApiConfig } from '../../domain/agent-config.ts';
import { isOutdated, type PeerAnswer } from '../../domain/peer.ts';
import { later, millis } from '../../domain/time.ts';
import { agentIdentity } from '../../domain/version.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Peers } from '../../ports/peers.ts';
import { renderJson } from '../../wire/json.ts';
import { readPeerAnswer } from '../../wire/peer.ts';
import { readFailsafeAnswer, renderFailsafeCall } from '../../wire/rest/failsafe-call.ts';
import { readPeerHeaders } from '../../wire/rest/peer-headers.ts';
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
    async ask({ member, apiUrl }, { limit, maxAge }) {
      const askedAt = options.clock.now();
      const signal = AbortSignal.timeout(limit);
      const once = async (): Promise<PeerAnswer> => {
        const reply = await exchange(
          apiUrl,
          { ...tls, headers, agent: false, signal },
          { body: null, bytesMax: STATUS_BYTES_MAX },
        );
        return reply.kind === 'answered'
          ? readPeerAnswer({ member, askedAt, body: reply.body, headers: readPeerHeaders(reply.headers ?? {}) })
          : { kind: 'no-answer', member, askedAt, reason: reply.reason };
      };
      let answer = await once();
      const mayAskUntil = later(askedAt, millis(limit * ASK_AGAIN_PART));
      while (isOutdated(answer, maxAge) && options.clock.now() < mayAskUntil) {
        await setTimeout(ASK_AGAIN_MS);
        const again = await once();
        // What it said before is better than nothing.
        if (again.kind === 'reported') answer = again;
      }
      return answer;
    },
    async askFailsafe({ apiUrl }, call, limit) {
      const body = renderJson(renderFailsafeCall(call));
      const url = URL.canParse(apiUrl) ? new URL('/failsafe', apiUrl).href : apiUrl;
      const sized = { ...headers, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
      const options = { ...tls, method: 'POST', headers: sized, agent: false, signal: AbortSignal.timeout(limit) };
      const reply = await exchange(url, options, { body, bytesMax: STATUS_BYTES_MAX });
      return reply.kind === 'answered' ? readFailsafeAnswer(reply) : { kind: 'refused', reason: reply.reason };
    },
  };
}

/** A status document has some hundred bytes, and some hundred more for each standby. */
const STATUS_BYTES_MAX = 256 * 1024;
/** A look takes a few milliseconds. */
const ASK_AGAIN_MS = 20;
/** For so much of the limit: the last answer has to be there when it ends. */
const ASK_AGAIN_PART = 0.8;
