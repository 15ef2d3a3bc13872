import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { AgentReply } from '../../ports/agent-api.ts';

/**
 * One request and the whole body of its answer, whatever the status: a member that leads nothing answers 503. The
 * options' signal bounds its time, `bytesMax` the answer. `onSocket` sees the connection before it is made.
 */
export async function exchange(
  url: string,
  options: RequestOptions,
  { body, bytesMax, onSocket = () => undefined }: Exchanged,
): Promise<AgentReply> {
  const target = URL.parse(url);
  if (target === null || !/^https?:$/.test(target.protocol)) return noAnswer(`no usable api_url: ${url}`);
  try {
    return await replyOf(await responseTo(target, options, { body, onSocket }), bytesMax);
  } catch (error) {
    // Refused, reset, unresolvable, untrusted, not HTTP, or the signal's end: all of them mean that nothing was learned.
    if (error instanceof Error) return noAnswer(reasonOf(error));
    throw error;
  }
}

type Exchanged = {
  readonly body: string | null;
  readonly bytesMax: number;
  readonly onSocket?: (socket: Socket) => void;
};

function responseTo(
  target: URL,
  options: RequestOptions,
  { body, onSocket }: Pick<Required<Exchanged>, 'body' | 'onSocket'>,
): Promise<IncomingMessage> {
  const request = target.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    request(target, options, resolve)
      .on('socket', onSocket)
      .on('error', reject)
      .end(body ?? undefined);
  });
}

async function replyOf(response: IncomingMessage, bytesMax: number): Promise<AgentReply> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response.iterator({ destroyOnReturn: true })) {
    if (!(chunk instanceof Buffer)) continue;
    size += chunk.length;
    if (size > bytesMax) return noAnswer(`its answer is longer than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  const { statusCode = 0, headers } = response;
  return { kind: 'answered', status: statusCode, body: Buffer.concat(chunks).toString('utf8'), headers };
}

/** Basic authentication as a header; none without credentials. */
export function authorization(
  auth: { readonly username: string; readonly password: string } | null,
): Readonly<Record<string, string>> {
  if (auth === null) return {};
  return { Authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}` };
}

/** Several addresses that all failed come as one error without words of its own. */
function reasonOf(error: Error): string {
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'no answer within the limit';
  if (error instanceof AggregateError) return error.errors.map(String).join('; ');
  return error.message;
}

function noAnswer(reason: string): AgentReply {
  return { kind: 'no-answer', reason };
}
