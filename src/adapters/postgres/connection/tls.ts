import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, getCACertificates } from 'node:tls';
import { errorCode, isAbsent } from '../errors.ts';

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
  const authorities = authoritiesOf(keywords['sslrootcert'], mode);
  // As libpq does: a root certificate is not given to be ignored, so `require` with one is `verify-ca`.
  const verifies = mode.startsWith('verify-') || (mode === 'require' && authorities !== null);
  const certificate = fileOf(keywords['sslcert'], 'postgresql.crt', 'done-without');
  const key = certificate === null ? null : fileOf(keywords['sslkey'], 'postgresql.key', 'told');
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

function authoritiesOf(named: string | undefined, mode: string): Buffer | string[] | null {
  if (named === SYSTEM) return getCACertificates('system');
  return fileOf(named, 'root.crt', mode.startsWith('verify-') ? 'told' : 'done-without');
}

function revocationsOf(keywords: Readonly<Record<string, string>>): Buffer[] {
  const folder = keywords['sslcrldir'];
  if (folder !== undefined) return readdirSync(folder).map((name) => readFileSync(join(folder, name)));
  return [fileOf(keywords['sslcrl'], 'root.crl', 'done-without')].filter((file) => file !== null);
}

/**
 * The file that a keyword names; without one, what lies where libpq looks for it, if anything does, and we may see it.
 * @param absence what libpq does when nothing is where the keyword says.
 * @throws What keeps a named file from being read.
 */
function fileOf(named: string | undefined, usual: string, absence: 'done-without' | 'told'): Buffer | null {
  const isNamed = named !== undefined && named !== '';
  try {
    return readFileSync(isNamed ? named : join(homedir(), '.postgresql', usual));
  } catch (error) {
    if (errorCode(error) === null) throw error;
    if (isNamed && (absence === 'told' || !isAbsent(error))) throw error;
    return null;
  }
}
