import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { type Millis, seconds } from '../../domain/time.ts';
import { agentIdentity } from '../../domain/version.ts';
import type { AgentApi } from '../../ports/agent-api.ts';
import type { CtlAccess } from '../../wire/config/ctl.ts';
import { renderJson } from '../../wire/json.ts';
import { authorization, exchange } from './exchange.ts';

/**
 * Call agents as an operator does: with the operator's credentials and trust, one connection for each call. An answer may
 * take long, a restart's for instance; a connection may not.
 * @throws When a configured certificate cannot be read.
 */
export function createAgentApi(access: CtlAccess, connectLimit: Millis = CONNECT_LIMIT): AgentApi {
  const tls = operatorTls(access);
  const onSocket = (socket: Socket): void => attend(socket, connectLimit);
  return {
    call({ apiUrl, method, path, body }, limit) {
      const url = URL.canParse(apiUrl) ? new URL(path, apiUrl).href : apiUrl;
      const text = body === null ? null : renderJson(body);
      const headers = {
        'User-Agent': agentIdentity,
        ...authorization(access.auth),
        ...(text === null ? {} : { 'Content-Length': Buffer.byteLength(text) }),
      };
      const options = { ...tls, method, headers, agent: false as const, signal: AbortSignal.timeout(limit) };
      return exchange(url, options, { body: text, bytesMax: ANSWER_BYTES_MAX, onSocket });
    },
  };
}

/** An agent keeps a thousand events, of which the longest have eight kilobytes. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;

/** A host that is gone says nothing, and the kernel would try for two minutes. */
const CONNECT_LIMIT = seconds(5);
/** From then on the kernel asks each second whether the other end is still there, ten times. */
const SILENT_FOR = seconds(10);

/** Neither a host that is gone nor one that goes while its answer is awaited keeps anybody waiting for the call's whole limit. */
function attend(socket: Socket, limit: Millis): void {
  socket.setKeepAlive(true, SILENT_FOR);
  const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${limit / 1_000} s`)), limit);
  const isOpen = (): void => clearTimeout(timer);
  socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', isOpen).once('close', isOpen);
}

type OperatorTls = {
  readonly secureContext: SecureContext;
  readonly rejectUnauthorized: boolean;
  readonly checkServerIdentity?: () => undefined;
};

/**
 * Servers are verified, by the system's authorities where no others are named. `insecure` verifies nothing; with a
 * certificate of one's own to show, the chain is verified all the same and only the name is not (spec/ctl.md 4).
 */
function operatorTls({ insecure, caFile, certFile, keyFile, keyPassword }: CtlAccess): OperatorTls {
  const read = (path: string | null): Buffer | undefined => (path === null ? undefined : readFileSync(path));
  const secureContext = createSecureContext({
    ca: read(caFile),
    cert: read(certFile),
    key: read(keyFile ?? certFile),
    ...(keyPassword === null ? {} : { passphrase: keyPassword }),
  });
  const anyName = insecure ? { checkServerIdentity: () => undefined } : {};
  return { secureContext, rejectUnauthorized: !insecure || certFile !== null, ...anyName };
}
