import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { limits } from './limits.ts';

/**
 * Slow clients must not keep a load balancer's check out: of the connections that have not sent a whole request head yet,
 * the oldest is closed when there are too many.
 */
export function boundSilentConnections(server: Server): void {
  const silent = new Map<string, Socket>();
  server.on('connection', (socket: Socket) => {
    const client = nameOf(socket);
    silent.set(client, socket);
    socket.once('close', () => {
      if (silent.get(client) === socket) silent.delete(client);
    });
    if (silent.size <= limits.silentConnectionsMax) return;
    const [oldest] = silent.values();
    oldest?.destroy();
  });
  server.on('request', ({ socket }: IncomingMessage) => silent.delete(nameOf(socket)));
}

/** The connection under a TLS socket is another object; both have the same other end. */
function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? ''} ${remotePort ?? ''}`;
}
