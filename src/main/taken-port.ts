import { createServer, isIP } from 'node:net';

/**
 * Whether another process listens at one of these addresses already. A name other than `localhost` is not looked up:
 * nobody waits for a name server before the start.
 * @param hosts comma-separated, as the configuration has them; empty and `*` mean every address.
 * @returns the address, as `host:port`; `null`: none is taken, as far as can be seen.
 */
export async function takenPort({
  hosts,
  port,
}: {
  readonly hosts: string;
  readonly port: number;
}): Promise<string | null> {
  for (const host of hosts.split(',').flatMap(addressesOf)) {
    if (await isTaken(host, port)) return `${host}:${port}`;
  }
  return null;
}

function addressesOf(host: string): readonly string[] {
  if (host === '' || host === '*') return ['0.0.0.0', '::'];
  if (host === 'localhost') return ['127.0.0.1'];
  return isIP(host) === 0 ? [] : [host];
}

/** By trying, for a moment: nothing else tells as surely. What else may keep a server from listening, it says itself. */
function isTaken(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve('code' in error && error.code === 'EADDRINUSE'));
    server.listen({ host, port, ipv6Only: true, exclusive: true }, () => {
      server.close(() => resolve(false));
    });
  });
}
