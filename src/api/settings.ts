import type { ApiConfig } from '../domain/agent-config.ts';
import type { Log } from '../ports/log.ts';
import type { LookUp } from '../ports/names.ts';
import { type Allowlist, createAllowlist } from './allowlist.ts';
import { type AnswerHeaders, answerHeaders } from './answer-headers.ts';

/** A configuration and what is made of it once: it changes only as a whole. */
export type Settings = {
  readonly config: ApiConfig;
  readonly allowlist: Allowlist;
  readonly headers: AnswerHeaders;
};

export async function createSettings(
  config: ApiConfig,
  tools: { readonly log: Log; readonly lookUp: LookUp },
): Promise<Settings> {
  return { config, allowlist: await createAllowlist(config.allowlist, tools), headers: answerHeaders(config) };
}

/** Can a listener that is open not serve this? Certificates, ciphers and the authority are changed in place. */
export function needsNewListener(open: ApiConfig, wanted: ApiConfig): boolean {
  return (
    open.listenHost !== wanted.listenHost ||
    open.port !== wanted.port ||
    open.backlog !== wanted.backlog ||
    (open.tls === null) !== (wanted.tls === null) ||
    (wanted.tls !== null && open.verifyClient !== wanted.verifyClient)
  );
}
