import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { ApiConfig } from '../domain/agent-config.ts';
import type { Allowlist } from './allowlist.ts';
import type { Reply } from './reply.ts';

/**
 * May this client send an unsafe request? Address, then certificate, then password; the first that fails answers, and the
 * body is not read before all of them pass (spec/rest-api.md 4).
 * @returns `null` when it may.
 */
export function accessRefusal(request: IncomingMessage, config: ApiConfig, allowlist: Allowlist): Reply | null {
  if (!allowlist.admits(request.socket.remoteAddress)) return { kind: 'text', status: 403, text: 'Access is denied' };
  if (config.tls !== null && config.verifyClient !== 'none' && !hasVerifiedCertificate(request)) {
    return { kind: 'text', status: 403, text: 'client certificate required' };
  }
  if (config.auth === null) return null;
  const { authorization } = request.headers;
  if (authorization === undefined) return unauthorized('no auth header received');
  return isExpected(authorization, config.auth) ? null : unauthorized('not authenticated');
}

function hasVerifiedCertificate({ socket }: IncomingMessage): boolean {
  return socket instanceof TLSSocket && socket.authorized;
}

/** The header's text is compared, not what it decodes to; as digests, which are of one length and tell nothing. */
function isExpected(header: string, auth: { readonly username: string; readonly password: string }): boolean {
  const expected = `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`;
  return timingSafeEqual(digest(header), digest(expected));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function unauthorized(text: string): Reply {
  return { kind: 'text', status: 401, text, headers: { 'WWW-Authenticate': 'Basic realm="Patroni"' } };
}
