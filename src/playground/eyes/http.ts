import { request } from 'node:http';

/** One request to a node's REST API at its own port, past every relay. @returns `null` when nobody answers in time. */
export function ask(
  port: number,
  { method, path, body, withinMs }: Question,
): Promise<{ readonly status: number; readonly text: string } | null> {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, method, path, timeout: withinMs, agent: false as const };
    const sent = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      response.once('error', () => resolve(null));
    });
    sent.once('timeout', () => sent.destroy()).once('error', () => resolve(null));
    // Gone after the timeout's destroy without an error, or in the middle of the body: too late to be an answer.
    sent.once('close', () => resolve(null));
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

export interface Question {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly body?: unknown;
  /** The longest silence. */
  readonly withinMs: number;
}
