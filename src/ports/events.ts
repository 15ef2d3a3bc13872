import type { AgentConfig } from '../domain/agent-config.ts';
import type { ClusterView } from '../domain/cluster-view.ts';
import type { FailsafeAnswer } from '../domain/failsafe.ts';
import type { LeaseReport } from '../domain/lease.ts';
import type { LeaderHistory } from '../domain/memory.ts';
import type { MemberName } from '../domain/names.ts';
import type { PeerAnswer } from '../domain/peer.ts';
import type { PostgresReport } from '../domain/postgres-report.ts';
import type { AgentRequest } from '../domain/requests.ts';
import type { WriteOutcome } from '../domain/store-write.ts';
import type { TaskMilestone, TaskOutcome } from '../domain/task.ts';
import type { Instant, WallTime } from '../domain/time.ts';
import type { LockCommandOutcome } from './heartbeat.ts';

/** What happens to the agent machine. Time comes with the event; nothing inside the machine reads a clock. */
export type AgentEvent = { readonly at: Instant; readonly wallAt: WallTime } & AgentHappening;

export type AgentHappening =
  | { readonly kind: 'started' }
  | { readonly kind: 'timer'; readonly name: AgentTimer }
  /** `gapless`: every change since the last view of this stream is in it, one revision after the other. */
  | { readonly kind: 'view'; readonly view: ClusterView; readonly gapless: boolean }
  | { readonly kind: 'store-silent'; readonly reason: string }
  | { readonly kind: 'write-answered'; readonly id: number; readonly outcome: WriteOutcome }
  | { readonly kind: 'lease'; readonly report: LeaseReport }
  | { readonly kind: 'lock-answered'; readonly id: number; readonly outcome: LockCommandOutcome }
  | { readonly kind: 'postgres'; readonly report: PostgresReport }
  | { readonly kind: 'task-progress'; readonly id: number; readonly note: string }
  | { readonly kind: 'task-milestone'; readonly id: number; readonly milestone: TaskMilestone }
  | { readonly kind: 'task-ended'; readonly id: number; readonly outcome: TaskOutcome }
  | { readonly kind: 'checkpoint-ended'; readonly id: number; readonly outcome: TaskOutcome }
  | { readonly kind: 'reconfigured'; readonly id: number; readonly outcome: TaskOutcome }
  | { readonly kind: 'slots-managed'; readonly id: number; readonly outcome: TaskOutcome }
  | { readonly kind: 'peer-answered'; readonly answer: PeerAnswer }
  /** To the round of that time. */
  | {
      readonly kind: 'failsafe-answered';
      readonly askedAt: Instant;
      readonly member: MemberName;
      readonly answer: FailsafeAnswer;
    }
  | { readonly kind: 'history-answered'; readonly answer: LeaderHistory }
  | { readonly kind: 'request'; readonly id: number; readonly request: AgentRequest }
  | { readonly kind: 'config-reloaded'; readonly config: AgentConfig }
  | { readonly kind: 'stop-requested' };

/** `loop`: the longest silence allowed. `wake`: a decision asked for it. */
export type AgentTimer = 'loop' | 'wake';
