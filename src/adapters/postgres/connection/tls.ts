import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';

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
  const mode = keywords['sslmode'] ?? (where === 'near' ? 'allow' : 'prefer');
  if (mode === 'disable') return [false];
  const encrypted = tlsOptions(keywords, mode);
  if (mode === 'allow') return [false, encrypted];
  if (mode === 'prefer') return [encrypted, false];
  return [encrypted];
}

function tlsOptions(keywords: Readonly<Record<string, string>>, mode: string): ConnectionOptions {
  const rootCertificate = keywords['sslrootcert'];
  // As libpq does: a root certificate is not given to be ignored, so `require` with one is `verify-ca`.
  const verifies = mode.startsWith('verify-') || (mode === 'require' && rootCertificate !== undefined);
  return {
    rejectUnauthorized: verifies,
    ...(mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
    ...(rootCertificate === undefined ? {} : { ca: readFileSync(rootCertificate) }),
    ...(keywords['sslcert'] === undefined ? {} : { cert: readFileSync(keywords['sslcert']) }),
    ...(keywords['sslkey'] === undefined ? {} : { key: readFileSync(keywords['sslkey']) }),
    ...(keywords['sslpassword'] === undefined ? {} : { passphrase: keywords['sslpassword'] }),
  };
}
