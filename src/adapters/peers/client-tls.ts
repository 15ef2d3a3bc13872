import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { ApiConfig } from '../../domain/agent-config.ts';

export type ClientTls = {
  readonly secureContext: SecureContext;
  readonly rejectUnauthorized: boolean;
  readonly checkServerIdentity: () => undefined;
};

/**
 * How an agent trusts its peers, as Patroni's agents do (spec/config.md 9.4): with a client certificate the chain is
 * verified, without one nothing is; host names never are, since members are known by address. What a peer says decides
 * only whether we stand back in a race, and the store decides the race.
 * @throws When a file cannot be read or is no certificate.
 */
export function clientTls({
  tls,
  keyPassword,
  insecure,
}: Pick<ApiConfig['client'], 'tls' | 'keyPassword' | 'insecure'>): ClientTls {
  const { caFile, certFile, keyFile } = tls;
  const read = (path: string | null): Buffer | undefined => (path === null ? undefined : readFileSync(path));
  return {
    secureContext: createSecureContext({
      ca: read(caFile),
      cert: read(certFile),
      key: read(keyFile ?? certFile),
      ...(keyPassword === undefined ? {} : { passphrase: keyPassword }),
    }),
    rejectUnauthorized: !insecure,
    checkServerIdentity: () => undefined,
  };
}
