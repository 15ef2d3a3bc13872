import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import { agentIdentity } from '../../domain/version.ts';
import type { AgentApi } from '../../ports/agent-api.ts';
import type { CtlAccess } from '../../wire/config/ctl.ts';
import { renderJson } from '../../wire/json.ts';
import { authorization, exchange } from './exchange.ts';

/**
 * Call agents as an operator does: with the operator's credentials and trust, one connection for each call.
 * @throws When a configured certificate cannot be read.
 */
export function createAgentApi(access: CtlAccess): AgentApi {
  const tls = operatorTls(access);
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
      return exchange(url, options, { body: text, bytesMax: ANSWER_BYTES_MAX });
    },
  };
}

/** An agent keeps a thousand events, of which the longest have eight kilobytes. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;

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
