import type { ApiConfig } from '../domain/agent-config.ts';
import { agentIdentity, compatibilityVersion } from '../domain/version.ts';

/** The headers around those of an answer's own, names and values in turn (spec/rest-api.md 2.2 and 2.3). */
export type AnswerHeaders = {
  readonly first: readonly string[];
  /** Configured ones; error pages and bare status lines go without. */
  readonly last: readonly string[];
};

export function answerHeaders({ serverTokens, extraHeaders }: ApiConfig): AnswerHeaders {
  return { first: ['Server', serverNames[serverTokens]], last: extraHeaders.flat() };
}

/** `original` is whatever the server's own software calls itself. */
const serverNames: Readonly<Record<ApiConfig['serverTokens'], string>> = {
  original: agentIdentity,
  minimal: `Patroni/${compatibilityVersion}`,
  'product-only': 'Patroni',
};
