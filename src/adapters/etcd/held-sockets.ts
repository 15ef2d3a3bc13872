import type { Socket } from 'node:net';
import { ChannelCredentials } from '@grpc/grpc-js';

type SecureConnector = ReturnType<ChannelCredentials['_createSecureConnector']>;

/**
 * Credentials, and the sockets that a channel has opened with them: the one place where gRPC shows them. A channel that is
 * closed waits for the other end to close its side, and forgets a socket whose other end has not greeted yet: beside a
 * store that accepts and says nothing (frozen, or a proxy without a backend) each of them would stay open.
 */
export class HeldSockets extends ChannelCredentials {
  readonly #credentials: ChannelCredentials;
  readonly #sockets = new Set<Socket>();
  #isReleased = false;

  constructor(credentials: ChannelCredentials) {
    super();
    this.#credentials = credentials;
  }

  /** Close them at once, and what is still being connected as soon as it is. */
  release(): void {
    this.#isReleased = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  override _isSecure(): boolean {
    return this.#credentials._isSecure();
  }

  override _equals(other: ChannelCredentials): boolean {
    return other === this;
  }

  override _createSecureConnector(
    ...options: Parameters<ChannelCredentials['_createSecureConnector']>
  ): SecureConnector {
    const connector = this.#credentials._createSecureConnector(...options);
    return {
      connect: (socket) => {
        if (this.#isReleased) {
          socket.destroy();
          return Promise.reject(new Error('the connection was given up'));
        }
        this.#sockets.add(socket);
        socket.once('close', () => this.#sockets.delete(socket));
        return connector.connect(socket);
      },
      waitForReady: () => connector.waitForReady(),
      getCallCredentials: () => connector.getCallCredentials(),
      destroy: () => connector.destroy(),
    };
  }
}
