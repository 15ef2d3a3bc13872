import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ApiConfig } from '../domain/agent-config.ts';
import { limits } from './limits.ts';
import { secureContext } from './secure-context.ts';
import { boundSilentConnections } from './silent-connections.ts';

/**
 * The server behind the API, plain or TLS as configured, with every wait of a client bounded.
 * @throws When a certificate or key cannot be used: an agent with a broken one must not come up open.
 */
export function createListener(config: ApiConfig, handler: RequestListener): Server {
  const server = config.tls === null ? createServer(httpOptions) : tlsServer(config);
  server.maxConnections = limits.connectionsMax;
  // A second request that comes with the first is never looked at: the connection closes after the first.
  server.maxRequestsPerSocket = 1;
  // Whoever closes its side right after its request is answered all the same. Node keeps this switch without a type.
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on('request', handler);
  // No interim answer is ever sent; whoever waits for one sends its body after a moment all the same.
  server.on('checkContinue', handler).on('checkExpectation', handler);
  server.on('clientError', answerBadRequest);
  server.on('connect', (_request, socket: Socket) => sayAndClose(socket, '501 Not Implemented'));
  boundSilentConnections(server);
  return server;
}

/** @returns why it cannot listen; `null`: it does. All addresses means both families where the machine has IPv6. */
export async function listen(server: Server, { listenHost, port, backlog }: ApiConfig): Promise<Error | null> {
  const isAny = listenHost === '' || listenHost === '*';
  const failure = await listenAt(server, { port, backlog, host: isAny ? '::' : listenHost });
  return failure !== null && isAny && isWithoutIpv6(failure)
    ? listenAt(server, { port, backlog, host: '0.0.0.0' })
    : failure;
}

type Place = { readonly host: string; readonly port: number; readonly backlog: number };

function listenAt(server: Server, place: Place): Promise<Error | null> {
  return new Promise((resolve) => {
    server.once('error', resolve);
    server.listen(place, () => {
      server.off('error', resolve);
      resolve(null);
    });
  });
}

/** Certificates, authority and ciphers as the files have them now, for connections to come. @throws like `createListener`. */
export function renewCertificates(server: Server, config: ApiConfig): void {
  if (server instanceof TlsServer) server.setSecureContext(secureContext(config));
}

const httpOptions: ServerOptions = {
  headersTimeout: limits.headersMs,
  requestTimeout: limits.requestMs,
  connectionsCheckingInterval: limits.checkEveryMs,
  maxHeaderSize: limits.headerBytesMax,
  // Load balancers send `GET /primary HTTP/1.1` and nothing more.
  requireHostHeader: false,
  // A peer that vanished without a word is noticed by the kernel.
  keepAlive: true,
  keepAliveInitialDelay: limits.keepAliveDelayMs,
};

function tlsServer(config: ApiConfig): Server {
  const { verifyClient } = config;
  const server = createTlsServer({
    ...httpOptions,
    ...secureContext(config),
    requestCert: verifyClient !== 'none',
    rejectUnauthorized: verifyClient === 'required',
    handshakeTimeout: limits.handshakeMs,
  });
  // `optional`: without a certificate a client may read; with a wrong one it may not even that.
  server.on('secureConnection', (socket: TLSSocket) => {
    const hasSent = Object.keys(socket.getPeerCertificate()).length > 0;
    if (verifyClient === 'optional' && hasSent && !socket.authorized) socket.destroy();
  });
  return server;
}

/** What is no HTTP is answered as far as it can be, and closed. Before the end of a handshake nothing can be said. */
function answerBadRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  const isInHandshake = socket instanceof TLSSocket && !isSecured(socket);
  if (error.code === 'ECONNRESET' || !socket.writable || isInHandshake) socket.destroy();
  else sayAndClose(socket, statusFor(error.code));
}

function isSecured(socket: TLSSocket): boolean {
  return socket.getFinished() !== undefined;
}

/** Not `end`: that would wait for the other end to close its side, too, however long it takes. */
function sayAndClose(socket: Socket, status: string): void {
  socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  socket.destroySoon();
}

function statusFor(code: string | undefined): string {
  if (code === 'HPE_HEADER_OVERFLOW') return '431 Request Header Fields Too Large';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
}

function isWithoutIpv6(error: Error): boolean {
  return 'code' in error && (error.code === 'EAFNOSUPPORT' || error.code === 'EADDRNOTAVAIL');
}
