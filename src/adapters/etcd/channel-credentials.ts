import { readFileSync } from 'node:fs';
import { type ChannelCredentials, credentials } from '@grpc/grpc-js';
import type { TlsClientConfig } from '../../domain/agent-config.ts';

/**
 * Files are read at each connection, so that renewed certificates need no restart. Without a CA file the server is verified
 * against the authorities that Node knows; it is never left unverified.
 * @throws When a file cannot be read, or holds no certificate or key.
 */
export function channelCredentials(protocol: 'http' | 'https', tls: TlsClientConfig): ChannelCredentials {
  if (protocol === 'http') return credentials.createInsecure();
  // Certificate and key may share one file (spec/dcs.md 3.1.7).
  const keyFile = tls.certFile === null ? null : (tls.keyFile ?? tls.certFile);
  return credentials.createSsl(fileOrNull(tls.caFile), fileOrNull(keyFile), fileOrNull(tls.certFile));
}

function fileOrNull(path: string | null): Buffer | null {
  return path === null ? null : readFileSync(path);
}
