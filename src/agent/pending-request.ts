import type { MemberName, Revision } from '../domain/names.ts';
import type { AgentRequest, RequestAnswer } from '../domain/requests.ts';
import { type Instant, later, type Millis } from '../domain/time.ts';

/** An operator's request that has not been answered yet. Each ends: by its result, or by its deadline. */
export type PendingRequest = {
  readonly id: number;
  readonly request: AgentRequest;
  readonly receivedAt: Instant;
  readonly phase: /** `until`: what was written before it has to be seen in the store. */
    | { readonly kind: 'judging'; readonly until: Instant }
    | {
        readonly kind: 'writing';
        readonly writeId: number;
        readonly onWritten: RequestAnswer | 'watch';
        /** Who led when it was accepted: whoever leads next is news, also when that is seen before the write is answered. */
        readonly holder: MemberName | null;
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

/** `patience`: how long it may wait to be judged. */
export function admitted({ id, request, receivedAt }: Omit<PendingRequest, 'phase'>, patience: Millis): PendingRequest {
  return { id, request, receivedAt, phase: { kind: 'judging', until: later(receivedAt, patience) } };
}
