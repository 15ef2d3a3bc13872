import type { Decision } from '../domain/decision.ts';
import type { FailsafeCall, FailsafeMembers } from '../domain/failsafe.ts';
import type { Revision, SlotName, SystemId } from '../domain/names.ts';
import type { Order, ScheduledRestart } from '../domain/orders.ts';

/** What just happened, as far as it may change the memory. */
export type Happening =
  | { readonly kind: 'report' }
  | { readonly kind: 'view'; readonly gapless: boolean }
  | { readonly kind: 'lease' }
  | { readonly kind: 'history' }
  | { readonly kind: 'started'; readonly decision: Decision }
  | { readonly kind: 'ended'; readonly decision: Decision; readonly end: End }
  /** I left the lead to whoever asked. */
  | { readonly kind: 'failsafe-promised'; readonly call: FailsafeCall }
  /** The list of those that have to agree is on its way to the store. */
  | { readonly kind: 'failsafe-sent'; readonly members: FailsafeMembers }
  | { readonly kind: 'ordered'; readonly order: Order }
  /** A restart was scheduled, or the scheduled one is wanted no more (`null`). */
  | { readonly kind: 'restart-scheduled'; readonly restart: ScheduledRestart | null }
  | { readonly kind: 'checkpoint-started' }
  | { readonly kind: 'checkpoint-ended'; readonly done: boolean }
  /** Logical slots turned out to be of use after a failover, or of none for ever. */
  | { readonly kind: 'slots-judged'; readonly safe: readonly SlotName[]; readonly unusable: readonly SlotName[] }
  | { readonly kind: 'reload-requested' }
  | { readonly kind: 'stop-requested' };

/** How a decision's effect ended. */
export type End =
  | {
      readonly kind: 'done';
      readonly systemId: SystemId | null;
      readonly revision: Revision | null;
      /** The task found that nothing had to be done (`TaskOutcome`). */
      readonly unchanged?: true;
    }
  /** `notBegun`: refused before anything was done. `cancelled`: because it was asked for. */
  | {
      readonly kind: 'failed';
      readonly reason: string;
      readonly notBegun?: boolean;
      readonly cancelled?: boolean;
      /** By the operator's own command. */
      readonly vetoed?: boolean;
      /** A write that was not answered: it may be applied later. */
      readonly isPerhaps?: boolean;
      /** PostgreSQL goes on starting. */
      readonly late?: boolean;
    };
