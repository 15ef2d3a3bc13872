import type { FastifyReply } from 'fastify';
import { agentIdentity } from '../domain/version.ts';
import { limits } from './limits.ts';

/** An answer in one of the shapes that clients know (spec/rest-api.md 2.2). */
export type Reply =
  /** A status line and nothing else: no header, no body. */
  | { readonly kind: 'status-only'; readonly status: number }
  /** A bare sentence, though the content type calls it HTML. */
  | { readonly kind: 'text'; readonly status: number; readonly text: string; readonly headers?: Headers }
  | { readonly kind: 'json'; readonly status: number; readonly body: string; readonly headers?: Headers }
  /** A small HTML page: the request was wrong, or cannot be served. */
  | { readonly kind: 'page'; readonly status: number; readonly text: string }
  /** The connection closes without a response. */
  | { readonly kind: 'drop' };

type Headers = Readonly<Record<string, string>>;

/** Send it and close the connection: one request per connection, as clients of this API expect. */
export function send(to: FastifyReply, reply: Reply): FastifyReply {
  const { raw } = to;
  raw.setTimeout(limits.replyMs, () => raw.destroy());
  switch (reply.kind) {
    case 'drop':
      to.hijack();
      raw.destroy();
      return to;
    case 'status-only':
      to.hijack();
      raw.sendDate = false;
      raw.shouldKeepAlive = false;
      // A header that was removed is not added again by Node.
      for (const header of ['connection', 'content-length', 'transfer-encoding']) raw.removeHeader(header);
      raw.writeHead(reply.status).end();
      return to;
    case 'text':
      return withHeaders(to, { ...reply.headers, 'Content-Type': 'text/html' })
        .code(reply.status)
        .send(reply.text);
    case 'json':
      return withHeaders(to, { ...reply.headers, 'Content-Type': 'application/json' })
        .code(reply.status)
        .send(Buffer.from(reply.body));
    case 'page':
      return withHeaders(to, { 'Content-Type': 'text/html;charset=utf-8' }).code(reply.status).send(page(reply));
  }
}

function withHeaders(to: FastifyReply, headers: Headers): FastifyReply {
  return to.headers({ Server: agentIdentity, Connection: 'close', ...headers });
}

function page({ status, text }: { readonly status: number; readonly text: string }): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<!DOCTYPE html>\n<html><head><title>${status}</title></head><body><p>${status}: ${escaped}</p></body></html>\n`;
}
