import type { JsonObject } from '../domain/json.ts';
import type { Millis } from '../domain/time.ts';

/** Any agent's REST API, as the command line calls it. */
export type AgentApi = { call(call: AgentCall, limit: Millis): Promise<AgentReply> };

export type AgentCall = {
  /** As the member published it; its path is replaced. */
  readonly apiUrl: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body: JsonObject | null;
};

export type AgentReply =
  /** Any status is an answer. */
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly body: string;
      /** Names in lower case. */
      readonly headers?: Readonly<Record<string, unknown>>;
    }
  /** Nothing came back; what was asked for may have been done all the same. */
  | { readonly kind: 'no-answer'; readonly reason: string };
