import type { ServerResponse } from 'node:http';
import type { AnswerHeaders } from './answer-headers.ts';
import { limits } from './limits.ts';

/** An answer in one of the shapes that clients know (spec/rest-api.md 2.2). */
export type Reply =
  /** A status line and nothing else: no header, no body. */
  | { readonly kind: 'status-only'; readonly status: number }
  /** A bare sentence, though the content type calls it HTML. */
  | { readonly kind: 'text'; readonly status: number; readonly text: string; readonly headers?: Headers }
  | { readonly kind: 'json'; readonly status: number; readonly body: string | Buffer; readonly headers?: Headers }
  | { readonly kind: 'metrics'; readonly body: string }
  /** A small HTML page: the request was wrong, or cannot be served. `reason`: another one than the status has. */
  | { readonly kind: 'page'; readonly status: number; readonly text: string; readonly reason?: string }
  /** The connection closes without a response. */
  | { readonly kind: 'drop' };

type Headers = Readonly<Record<string, string>>;

/** Send it and close the connection: one request per connection, as clients of this API expect. */
export function send(to: ServerResponse, reply: Reply, around: AnswerHeaders): void {
  to.setTimeout(limits.replyMs, () => to.destroy());
  to.shouldKeepAlive = false;
  switch (reply.kind) {
    case 'drop':
      to.destroy();
      return;
    case 'status-only':
      to.sendDate = false;
      // A header that was removed is not added again by Node.
      for (const header of ['connection', 'content-length', 'transfer-encoding']) to.removeHeader(header);
      to.writeHead(reply.status).end();
      return;
    case 'text':
      sendBody(to, reply, [...around.first, ...flat(reply.headers), 'Content-Type', 'text/html', ...around.last]);
      return;
    case 'json': {
      const type = ['Content-Type', 'application/json'];
      sendBody(to, reply, [...around.first, ...flat(reply.headers), ...type, ...around.last]);
      return;
    }
    case 'metrics':
      sendBody(to, { ...reply, status: 200 }, [...around.first, 'Content-Type', 'text/plain', ...around.last]);
      return;
    case 'page':
      sendBody(to, { ...reply, body: page(reply) }, [...around.first, 'Content-Type', 'text/html;charset=utf-8']);
      return;
  }
}

type Body = { readonly status: number; readonly reason?: string } & (
  | { readonly body: string | Buffer }
  | { readonly text: string }
);

/** Names and values in turn: only so may a configured header stand beside one of ours with the same name. */
function sendBody(to: ServerResponse, reply: Body, headers: readonly string[]): void {
  const body = 'body' in reply ? reply.body : reply.text;
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  const all = [...headers, 'Content-Length', String(length), 'Connection', 'close'];
  if (reply.reason === undefined) to.writeHead(reply.status, all);
  else to.writeHead(reply.status, reply.reason, all);
  to.end(body);
}

function flat(headers: Headers = {}): readonly string[] {
  return Object.entries(headers).flat();
}

function page({ status, text }: { readonly status: number; readonly text: string }): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<!DOCTYPE html>\n<html><head><title>${status}</title></head><body><p>${status}: ${escaped}</p></body></html>\n`;
}
