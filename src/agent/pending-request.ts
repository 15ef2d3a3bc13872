import type { MemberName, Revision } from '../domain/names.ts';
import type { AgentRequest, RequestAnswer } from '../domain/requests.ts';
import type { Instant } from '../domain/time.ts';

/** An operator's request that has not been answered yet. Each ends: by its result, or by its deadline. */
export type PendingRequest = {
  readonly id: number;
  readonly request: AgentRequest;
  readonly receivedAt: Instant;
  readonly phase:
    | { readonly kind: 'judging' }
    | {
        readonly kind: 'writing';
        readonly writeId: number;
        readonly onWritten: RequestAnswer | 'watch';
        readonly until: Instant;
      }
    | {
        readonly kind: 'watching';
        readonly holder: MemberName | null;
        readonly keyRevision: Revision;
        readonly until: Instant;
      }
    /** The end of what was ordered is the answer; `until`: it has to begin before. */
    | { readonly kind: 'ordered'; readonly until: Instant };
};

export function admitted(id: number, request: AgentRequest, receivedAt: Instant): PendingRequest {
  return { id, request, receivedAt, phase: { kind: 'judging' } };
}
