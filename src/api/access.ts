import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { ApiConfig } from '../domain/agent-config.ts';
import type { ClusterView } from '../domain/cluster-view.ts';
import type { LookUp } from '../ports/names.ts';
import { type Allowlist, isListed } from './allowlist.ts';
import { isMemberAddress } from './member-addresses.ts';
import type { Reply } from './reply.ts';
import type { CommandName } from './route.ts';

export type AccessRules = {
  readonly config: ApiConfig;
  readonly allowlist: Allowlist;
  /** Where the members are; `null`: nobody knows. */
  readonly view: ClusterView | null;
  readonly lookUp: LookUp;
};

/**
 * May this client send an unsafe request? Address, then certificate, then password; the first that fails answers, and the
 * body is not read before all of them pass (spec/rest-api.md 4).
 * @returns `null` when it may.
 */
export async function accessRefusal(
  request: IncomingMessage,
  command: CommandName,
  rules: AccessRules,
): Promise<Reply | null> {
  const { config } = rules;
  if (!(await isAddressAdmitted(request, command, rules)))
    return { kind: 'text', status: 403, text: 'Access is denied' };
  if (config.tls !== null && config.verifyClient !== 'none' && !hasVerifiedCertificate(request)) {
    return { kind: 'text', status: 403, text: 'client certificate required' };
  }
  if (config.auth === null) return null;
  const { authorization } = request.headers;
  if (authorization === undefined) return unauthorized('no auth header received');
  return isExpected(authorization, config.auth) ? null : unauthorized('not authenticated');
}

/** A leader that the store does not answer is no member that a view shows, so only the configured list judges it. */
async function isAddressAdmitted(
  { socket: { remoteAddress } }: IncomingMessage,
  command: CommandName,
  { config, allowlist, view, lookUp }: AccessRules,
): Promise<boolean> {
  const includesMembers = config.allowlistIncludesMembers && command !== 'failsafe';
  if (allowlist.kind === 'admits-all' && !includesMembers) return true;
  if (remoteAddress === undefined) return false;
  if (allowlist.kind === 'listed' && isListed(allowlist.addresses, remoteAddress)) return true;
  return includesMembers && isMemberAddress(remoteAddress, view, lookUp);
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
