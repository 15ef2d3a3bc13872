import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { ApiConfig } from '../domain/agent-config.ts';

/**
 * Certificate, key, authority and ciphers, read from their files now.
 * @throws When a file cannot be read, or when certificate and key do not belong together.
 */
export function secureContext({ tls, clientCaFile }: ApiConfig): SecureContextOptions {
  if (tls === null) return {};
  const options: SecureContextOptions = {
    cert: readFileSync(tls.certFile),
    // A certificate file may hold its key as well.
    key: readFileSync(tls.keyFile ?? tls.certFile),
    ...(tls.keyPassword === null ? {} : { passphrase: tls.keyPassword }),
    ...(tls.ciphers === null ? {} : { ciphers: tls.ciphers }),
    // Without an authority of its own nobody is trusted, least of all those that the system trusts.
    ca: clientCaFile === null ? [] : [readFileSync(clientCaFile)],
  };
  // A server that is up takes what it is given and fails every handshake afterwards; here it fails before.
  createSecureContext(options);
  return options;
}
