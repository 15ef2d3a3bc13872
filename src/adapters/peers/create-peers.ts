import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { ApiConfig } from '../../domain/agent-config.ts';
import { agentIdentity } from '../../domain/version.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Peers } from '../../ports/peers.ts';
import { readPeerAnswer } from '../../wire/peer.ts';
import { clientTls } from './client-tls.ts';

/**
 * Ask other members over their REST API, one connection for each question: in the moment that counts, a kept connection
 * may lead to a host that is gone, and nobody notices before the limit.
 * @throws When a configured certificate cannot be read.
 */
export function createPeers(options: { readonly client: ApiConfig['client']; readonly clock: Clock }): Peers {
  const tls = clientTls(options.client);
  const headers = { 'User-Agent': agentIdentity, ...authorization(options.client) };
  return {
    async ask({ member, apiUrl }, limit) {
      const askedAt = options.clock.now();
      const reply = await get(apiUrl, { ...tls, headers, agent: false, signal: AbortSignal.timeout(limit) });
      return reply.kind === 'body'
        ? readPeerAnswer({ member, askedAt, body: reply.text })
        : { kind: 'no-answer', member, askedAt, reason: reply.reason };
    },
  };
}

/** A status document has some hundred bytes, and some hundred more for each standby. */
const BODY_BYTES_MAX = 256 * 1024;

type Reply = { readonly kind: 'body'; readonly text: string } | { readonly kind: 'no-answer'; readonly reason: string };

/** The whole body, whatever the status: a member that leads nothing answers 503. */
async function get(url: string, options: RequestOptions): Promise<Reply> {
  const target = URL.parse(url);
  if (target === null || !/^https?:$/.test(target.protocol)) return noAnswer(`no usable api_url: ${url}`);
  try {
    return await bodyOf(await responseTo(target, options));
  } catch (error) {
    // Refused, reset, unresolvable, untrusted, not HTTP, or the signal's end: all of them mean that nothing was learned.
    if (error instanceof Error) return noAnswer(reasonOf(error));
    throw error;
  }
}

function responseTo(target: URL, options: RequestOptions): Promise<IncomingMessage> {
  const request = target.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    request(target, options, resolve).on('error', reject).end();
  });
}

async function bodyOf(response: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response.iterator({ destroyOnReturn: true })) {
    if (!(chunk instanceof Buffer)) continue;
    size += chunk.length;
    if (size > BODY_BYTES_MAX) return noAnswer(`its answer is longer than ${BODY_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return { kind: 'body', text: Buffer.concat(chunks).toString('utf8') };
}

function authorization({ auth }: ApiConfig['client']): Readonly<Record<string, string>> {
  if (auth === null) return {};
  return { Authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}` };
}

/** Several addresses that all failed come as one error without words of its own. */
function reasonOf(error: Error): string {
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'no answer within the limit';
  if (error instanceof AggregateError) return error.errors.map(String).join('; ');
  return error.message;
}

function noAnswer(reason: string): Reply {
  return { kind: 'no-answer', reason };
}
