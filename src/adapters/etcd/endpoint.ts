/** One address of the store. */
export type EtcdEndpoint = {
  readonly protocol: 'http' | 'https';
  /** `host:port` */
  readonly address: string;
};

/** How an endpoint is written in logs; equal texts are equal endpoints. */
export function endpointUrl(endpoint: EtcdEndpoint): string {
  return `${endpoint.protocol}://${endpoint.address}`;
}

/** A name or an address, without brackets. */
export function hostOf(endpoint: EtcdEndpoint): string {
  return endpoint.address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

/** Parse one of the client URLs that a member advertises. @returns `null` for what cannot be spoken to over TCP. */
export function parseClientUrl(url: string): EtcdEndpoint | null {
  const match = /^(https?):\/\/([^/]+:\d+)\/?$/.exec(url);
  const address = match?.[2];
  if (match === null || address === undefined) return null;
  return { protocol: match[1] === 'https' ? 'https' : 'http', address };
}
