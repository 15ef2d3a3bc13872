import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer, type ServerOptions as TlsServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ApiConfig } from '../domain/agent-config.ts';
import { limits } from './limits.ts';

/** The server behind the API, plain or TLS as configured, with every wait of a client bounded. */
export function createListener(config: ApiConfig, handler: RequestListener): Server {
  const server = config.tls === null ? createServer(httpOptions, handler) : tlsServer(config, handler);
  server.maxConnections = limits.connectionsMax;
  server.on('clientError', answerBadRequest);
  return server;
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
};

function tlsServer(config: ApiConfig, handler: RequestListener): Server {
  const server = createTlsServer({ ...httpOptions, ...tlsOptions(config) }, handler);
  // `optional`: without a certificate a client may read; with a wrong one it may not even that.
  server.on('secureConnection', (socket: TLSSocket) => {
    const hasSent = Object.keys(socket.getPeerCertificate()).length > 0;
    if (config.verifyClient === 'optional' && hasSent && !socket.authorized) socket.destroy();
  });
  return server;
}

/** @throws When a file cannot be read: an agent with a broken certificate must not come up open. */
function tlsOptions({ tls, clientCaFile, verifyClient }: ApiConfig): TlsServerOptions {
  if (tls === null) return {};
  return {
    cert: readFileSync(tls.certFile),
    // A certificate file may hold its key as well.
    key: readFileSync(tls.keyFile ?? tls.certFile),
    ...(tls.keyPassword === null ? {} : { passphrase: tls.keyPassword }),
    // Without an authority of its own nobody is trusted, least of all those that the system trusts.
    ca: clientCaFile === null ? [] : [readFileSync(clientCaFile)],
    requestCert: verifyClient !== 'none',
    rejectUnauthorized: verifyClient === 'required',
    handshakeTimeout: limits.handshakeMs,
  };
}

/** What is no HTTP is answered as far as it can be, and closed. */
function answerBadRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(`HTTP/1.1 ${statusFor(error.code)}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function statusFor(code: string | undefined): string {
  if (code === 'HPE_HEADER_OVERFLOW') return '431 Request Header Fields Too Large';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
}
