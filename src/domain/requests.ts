import type { FailsafeCall } from './failsafe.ts';
import type { JsonObject } from './json.ts';
import type { Lsn } from './lsn.ts';
import type { RestartWish } from './orders.ts';
import type { Succession } from './succession.ts';
import type { WallTime } from './time.ts';

/** What an operator asks of this agent through the REST API. */
export type AgentRequest =
  | {
      readonly kind: 'switchover';
      readonly leader: string | null;
      readonly candidate: string | null;
      readonly scheduledAt: string | null;
    }
  | {
      readonly kind: 'failover';
      readonly leader: string | null;
      readonly candidate: string | null;
      readonly scheduledAt: string | null;
    }
  | { readonly kind: 'cancel-switchover' }
  | { readonly kind: 'patch-config'; readonly patch: JsonObject }
  /** The whole of it, whatever is there. */
  | { readonly kind: 'put-config'; readonly document: JsonObject }
  | { readonly kind: 'reload' }
  | RestartRequest
  /** The scheduled one. */
  | { readonly kind: 'cancel-restart' }
  /** `force`: whatever task is under way ends first. `fromLeader`: a base backup of the leader, and nothing else. */
  | { readonly kind: 'reinitialize'; readonly force: boolean; readonly fromLeader: boolean }
  /** From a leader that the store does not answer. */
  | { readonly kind: 'failsafe'; readonly call: FailsafeCall }
  /** Who could take over from the leader that is asked? Changes nothing. */
  | { readonly kind: 'succession' };

export type RestartRequest = RestartWish & {
  readonly kind: 'restart';
  /** `null`: now. */
  readonly schedule: { readonly at: WallTime; readonly text: string } | null;
};

/**
 * Status and body as the REST API sends them; `text` is one of Patroni's fixed messages where there is one.
 * `drop`: the store could not be reached. The connection closes without a response: `patronictl` then asks the next
 * member or writes the store itself, while any status would be final for it (spec/rest-api.md 15).
 */
export type RequestAnswer =
  | { readonly kind: 'drop' }
  | { readonly kind: 'text'; readonly status: number; readonly text: string }
  | { readonly kind: 'json'; readonly status: number; readonly body: JsonObject }
  /** The lead is left to whoever asked; how far this member is. */
  | { readonly kind: 'promised'; readonly lsn: Lsn | null }
  | { readonly kind: 'succession'; readonly succession: Succession };
