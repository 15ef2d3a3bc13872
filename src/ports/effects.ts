import type { Callback } from '../domain/callback.ts';
import type { DesiredPostgres, Upstream } from '../domain/desired-postgres.ts';
import type { FailsafeCall } from '../domain/failsafe.ts';
import type { MemberName } from '../domain/names.ts';
import type { RequestAnswer } from '../domain/requests.ts';
import type { OwnWal } from '../domain/shared-branch.ts';
import type { SlotChange } from '../domain/slot-change.ts';
import type { StoreWrite } from '../domain/store-write.ts';
import type { PostgresTask, TaskScripts } from '../domain/task.ts';
import type { Instant, Millis } from '../domain/time.ts';
import type { AgentTimer } from './events.ts';
import type { HeartbeatCommand } from './heartbeat.ts';
import type { LogFields, LogLevel } from './log.ts';

/** What the agent machine wants done. Carrying it out makes no choices; its outcome is a later event. */
export type AgentEffect =
  /** Replaces a timer of the same name. */
  | { readonly kind: 'set-timer'; readonly name: AgentTimer; readonly at: Instant }
  | { readonly kind: 'write'; readonly id: number; readonly write: StoreWrite }
  /** Read everything once more, linearizably; arrives as a `view`. */
  | { readonly kind: 'reread-store' }
  | { readonly kind: 'heartbeat'; readonly id: number; readonly command: HeartbeatCommand }
  | { readonly kind: 'run-task'; readonly id: number; readonly task: PostgresTask; readonly scripts: TaskScripts }
  /** An operator's command; nobody waits for it. */
  | { readonly kind: 'call-back'; readonly callback: Callback }
  | { readonly kind: 'cancel-task'; readonly id: number }
  /** CHECKPOINT in the background, beside whatever else runs; answered by `checkpoint-ended`. */
  | { readonly kind: 'checkpoint'; readonly id: number }
  /** Write files and reload; answered by `reconfigured`. */
  | { readonly kind: 'reconfigure'; readonly id: number; readonly desired: DesiredPostgres }
  | { readonly kind: 'manage-slots'; readonly id: number; readonly change: SlotChange }
  /** One look at PostgreSQL, now; arrives as `postgres`. */
  | { readonly kind: 'look' }
  /** One look at that time; replaces an earlier wish. */
  | { readonly kind: 'look-at'; readonly at: Instant }
  /** All at once; each answer, or its absence after `limit`, arrives as `peer-answered`. */
  | {
      readonly kind: 'ask-peers';
      readonly peers: readonly PeerAddress[];
      readonly limit: Millis;
      /** A peer whose look at PostgreSQL is older is asked again, as long as the limit lasts. */
      readonly maxAge: Millis | null;
    }
  /** All at once; each answer, or its absence after `limit`, arrives as `failsafe-answered`. */
  | {
      readonly kind: 'ask-failsafe';
      readonly askedAt: Instant;
      readonly peers: readonly PeerAddress[];
      readonly call: FailsafeCall;
      readonly limit: Millis;
    }
  | {
      readonly kind: 'ask-history';
      readonly upstream: Upstream;
      readonly member: MemberName;
      /** What lies here, to be compared; `null`: nothing is. */
      readonly own: OwnWal | null;
      readonly limit: Millis;
    }
  | { readonly kind: 'reply'; readonly id: number; readonly answer: RequestAnswer }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly event: string; readonly fields: LogFields }
  | { readonly kind: 'exit'; readonly code: number };

export type PeerAddress = { readonly member: MemberName; readonly apiUrl: string };
