import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, getCACertificates } from 'node:tls';
import { errorCode } from '../errors.ts';

/** One way to try a connection: in the clear, or with TLS. */
export type TlsAttempt = false | ConnectionOptions;

/**
 * libpq's `sslmode` as the attempts to make in order. `near` is this machine's own server, where an unset mode tries in
 * the clear first: one round trip less, and TLS only if pg_hba.conf insists on it.
 */
export function tlsAttempts(
  keywords: Readonly<Record<string, string>>,
  where: 'near' | 'far' | 'socket',
): readonly TlsAttempt[] {
  if (where === 'socket') return [false];
  const mode = keywords['sslmode'] ?? unsetMode(keywords) ?? (where === 'near' ? 'allow' : 'prefer');
  if (mode === 'disable') return [false];
  const encrypted = tlsOptions(keywords, mode);
  if (mode === 'allow') return [false, encrypted];
  if (mode === 'prefer') return [encrypted, false];
  return [encrypted];
}

/** `system` stands for what this machine trusts, for which libpq takes nothing less than this. `null`: its usual default. */
export function unsetMode(keywords: Readonly<Record<string, string>>): 'verify-full' | null {
  return keywords['sslrootcert'] === SYSTEM ? 'verify-full' : null;
}

const SYSTEM = 'system';

function tlsOptions(keywords: Readonly<Record<string, string>>, mode: string): ConnectionOptions {
  const authorities = authoritiesOf(keywords['sslrootcert']);
  // As libpq does: a root certificate is not given to be ignored, so `require` with one is `verify-ca`.
  const verifies = mode.startsWith('verify-') || (mode === 'require' && authorities !== null);
  const certificate = fileOf(keywords['sslcert'], 'postgresql.crt');
  const key = certificate === null ? null : fileOf(keywords['sslkey'], 'postgresql.key');
  const revoked = verifies ? revocationsOf(keywords) : [];
  return {
    rejectUnauthorized: verifies,
    ...(mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
    ...(authorities === null ? {} : { ca: authorities }),
    ...(certificate === null ? {} : { cert: certificate }),
    ...(key === null ? {} : { key }),
    ...(keywords['sslpassword'] === undefined ? {} : { passphrase: keywords['sslpassword'] }),
    ...(revoked.length === 0 ? {} : { crl: revoked }),
  };
}

function authoritiesOf(named: string | undefined): Buffer | string[] | null {
  return named === SYSTEM ? getCACertificates('system') : fileOf(named, 'root.crt');
}

function revocationsOf(keywords: Readonly<Record<string, string>>): Buffer[] {
  const folder = keywords['sslcrldir'];
  if (folder !== undefined) return readdirSync(folder).map((name) => readFileSync(join(folder, name)));
  return [fileOf(keywords['sslcrl'], 'root.crl')].filter((file) => file !== null);
}

/** The file that a keyword names; without one, what lies where libpq looks for it, if anything does, and we may see it. */
function fileOf(named: string | undefined, usual: string): Buffer | null {
  if (named !== undefined) return readFileSync(named);
  try {
    return readFileSync(join(homedir(), '.postgresql', usual));
  } catch (error) {
    if (errorCode(error) !== null) return null;
    throw error;
  }
}
