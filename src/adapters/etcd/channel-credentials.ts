import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import { type ChannelCredentials, type ChannelOptions, credentials } from '@grpc/grpc-js';
import type { TlsClientConfig } from '../../domain/agent-config.ts';
import { type EtcdEndpoint, hostOf } from './endpoint.ts';

/**
 * How a channel to `endpoint` is secured. Files are read at each connection, so that renewed certificates need no restart.
 * Without a CA file the server is verified against the authorities that Node knows; it is never left unverified.
 * @throws When a file cannot be read, or holds no certificate or key.
 */
export function channelCredentials(
  endpoint: EtcdEndpoint,
  tls: TlsClientConfig,
): { readonly credentials: ChannelCredentials; readonly options: ChannelOptions } {
  if (endpoint.protocol === 'http') return { credentials: credentials.createInsecure(), options: {} };
  // Certificate and key may share one file (spec/dcs.md 3.1.7).
  const keyFile = tls.certFile === null ? null : (tls.keyFile ?? tls.certFile);
  const files = [fileOrNull(tls.caFile), fileOrNull(keyFile), fileOrNull(tls.certFile)] as const;
  const address = hostOf(endpoint);
  if (isIP(address) === 0) return { credentials: credentials.createSsl(...files), options: {} };
  return {
    credentials: credentials.createSsl(...files, {
      checkServerIdentity: (_name, certificate) => checkServerIdentity(address, certificate),
    }),
    options: { 'grpc.ssl_target_name_override': NAME_FOR_ADDRESSES },
  };
}

/**
 * grpc-js sends the host as TLS server name, which Node refuses for an IP address, as it may not be one (RFC 6066). Then a
 * name is sent that means nothing, and the certificate is checked against the address.
 */
const NAME_FOR_ADDRESSES = 'etcd';

function fileOrNull(path: string | null): Buffer | null {
  return path === null ? null : readFileSync(path);
}
