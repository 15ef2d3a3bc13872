import type { Lsn } from './lsn.ts';
import type { SlotName, SystemId } from './names.ts';
import type { Instant, WallTime } from './time.ts';
import type { Timeline, TimelineHistory } from './timeline.ts';

/** One look at the local PostgreSQL: what the machine knows of it until the next look. */
export type PostgresReport = {
  readonly observedAt: Instant;
  readonly dataDirectory: DataDirectory;
  readonly process: PostgresProcess;
  readonly server: ServerAnswer;
  /** How the timeline came about that lies here; `null` or absent: timeline 1, or its file is not here. */
  readonly timelineHistory?: TimelineHistory | null;
};

export type DataDirectory =
  /** `unfinished`: what lies there was never a cluster, and counts as nothing. */
  | { readonly kind: 'empty'; readonly unfinished?: true }
  /** `holdsNoCluster`: what lies there could be read, and is something else. */
  | { readonly kind: 'inaccessible'; readonly reason: string; readonly holdsNoCluster?: true }
  | {
      readonly kind: 'present';
      readonly majorVersion: number;
      /** `null`: pg_control could not be read. */
      readonly control: ControlData | null;
      /** `standby.signal` or `recovery.signal`. */
      readonly signal: 'standby' | 'recovery' | 'none';
      readonly hasBackupLabel: boolean;
      /** pg_rewind began to change these files and did not finish: they are of two histories, and may not look so. */
      readonly isHalfRewound?: true;
      /**
       * The scope of whom these files were configured by when the agent first looked at them. Of a standby alone, and where
       * an agent, ours or Patroni's, has written it.
       */
      readonly foundScope?: string;
    };

/** What pg_controldata says. */
export type ControlData = {
  readonly systemId: SystemId | null;
  readonly state: ControlState;
  /** Location of the latest checkpoint record and its timeline. */
  readonly checkpointLsn: Lsn;
  readonly checkpointTimeline: Timeline;
  /** End of the latest checkpoint record, where the next record goes; `null` when it was not looked up. */
  readonly checkpointEnd: Lsn | null;
  /** `null`: none (`0/0`), the directory was a primary's. */
  readonly minRecoveryEnd: Lsn | null;
  readonly minRecoveryTimeline: Timeline | null;
  /**
   * It was started from what a backup or a rewind left, and has not replayed to the end of that: pages of different
   * moments lie here, and a single-user recovery would not notice.
   */
  readonly beforeBackupEnd?: true;
  /** Data checksums or wal_log_hints: pg_rewind's precondition. */
  readonly canRewind: boolean;
};

/**
 * A fast stop in the middle of crash recovery leaves "shut down in recovery" of which nothing was noted, not even where it
 * has come to; a standby always notes that. pg_rewind takes the last checkpoint for the end of it.
 */
export function stoppedInCrashRecovery({ state, minRecoveryEnd }: ControlData): boolean {
  return state === 'shut down in recovery' && minRecoveryEnd === null;
}

export type ControlState =
  | 'starting up'
  | 'shut down'
  | 'shut down in recovery'
  | 'shutting down'
  | 'in crash recovery'
  | 'in archive recovery'
  | 'in production';

/**
 * `orphaned`: the postmaster is gone, but processes of this data directory still run and may commit:
 * nobody starts, rewinds or releases the lock before they are gone.
 */
export type PostgresProcess =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'running';
      readonly pid: number;
      readonly startedAt: WallTime;
      /** What it was started with; absent: as configured, as far as is known. */
      readonly listensOn?: { readonly addresses: string; readonly port: number };
    }
  | { readonly kind: 'orphaned'; readonly processCount: number };

/** What the server itself answers. */
export type ServerAnswer =
  | { readonly kind: 'down' }
  /** Alive, and rejects connections: starting up, in crash recovery, or shutting down. */
  | { readonly kind: 'rejecting' }
  /** Alive, and did not answer within the probe's limit. */
  | { readonly kind: 'silent'; readonly since: Instant }
  | PrimaryAnswer
  | StandbyAnswer;

export type PrimaryAnswer = {
  readonly kind: 'primary';
  readonly serverVersion: number;
  readonly timeline: Timeline;
  readonly flushLsn: Lsn;
  /** `synchronous_standby_names` in force; absent: none. */
  readonly syncNames?: string;
  /**
   * The checkpointer is at work, and may not have read what a reload changed: before it has, the first
   * `synchronous_standby_names` make no commit wait.
   */
  readonly isCheckpointerBusy?: true;
  readonly walSenders: readonly WalSender[];
  readonly slots: readonly Slot[];
  readonly pendingRestart: readonly PendingRestart[];
};

export type StandbyAnswer = {
  readonly kind: 'standby';
  readonly serverVersion: number;
  /** The timeline that replay follows. */
  readonly timeline: Timeline | null;
  readonly receiveLsn: Lsn | null;
  readonly replayLsn: Lsn | null;
  readonly replayPaused: boolean;
  /**
   * Not all WAL that lay here when this server was started is replayed, and nothing was received since: it goes further
   * than `replayLsn` says, nobody knows how far. A standby accepts connections as soon as it is consistent.
   */
  readonly isOnOldWal?: true;
  /** Not all that was received is replayed, and replay goes on, or waits for something else than WAL. */
  readonly isReplaying?: true;
  /** Parameters that the primary has more of than this server was started with: replay waits for them. Absent: none. */
  readonly insufficient?: readonly string[];
  readonly replayedAt: WallTime | null;
  readonly walReceiver: WalReceiver | null;
  /** `primary_conninfo` and `primary_slot_name` in force, as far as the server shows them. */
  readonly upstream: CurrentUpstream | null;
  readonly hasRestoreCommand: boolean;
  /** `synchronous_standby_names`, as it will be in force after a promotion; absent: none. */
  readonly syncNames?: string;
  /** As of a primary. */
  readonly isCheckpointerBusy?: true;
  readonly walSenders: readonly WalSender[];
  readonly slots: readonly Slot[];
  readonly pendingRestart: readonly PendingRestart[];
};

export type WalReceiver = {
  readonly status: string;
  readonly timeline: Timeline | null;
  readonly latestEndLsn: Lsn | null;
};

export type CurrentUpstream = { readonly host: string; readonly port: number; readonly slot: SlotName | null };

export type WalSender = {
  readonly pid: number;
  readonly user: string;
  readonly applicationName: string;
  readonly clientAddress: string | null;
  readonly state: string;
  readonly syncState: string;
  readonly syncPriority: number;
  readonly writeLsn: Lsn | null;
  readonly flushLsn: Lsn | null;
  readonly replayLsn: Lsn | null;
};

export type Slot = {
  readonly name: SlotName;
  readonly type: 'physical' | 'logical';
  readonly active: boolean;
  readonly restartLsn: Lsn | null;
  readonly confirmedFlushLsn: Lsn | null;
  readonly hasXmin: boolean;
  /** Of a logical one. */
  readonly database?: string;
  readonly plugin?: string;
  /** WAL that it needs was removed: it serves nobody any more. */
  readonly isLost?: true;
  /**
   * From PostgreSQL 17 on PostgreSQL itself copies a logical slot made with `failover` to standbys; `synced`: this one
   * came here that way, or did before a promotion.
   */
  readonly failover?: 'own' | 'synced';
};

export type PendingRestart = { readonly name: string; readonly oldValue: string; readonly newValue: string };

/** Up to where whoever uses a slot has come; `null`: nobody has used it yet. */
export function slotPosition(slot: Slot): Lsn | null {
  return slot.type === 'physical' ? slot.restartLsn : slot.confirmedFlushLsn;
}

/** A standby that has not replayed yet what lay here when it was started. */
export function isOnOldWal(server: ServerAnswer): boolean {
  return server.kind === 'standby' && server.isOnOldWal === true;
}

/** The position a standby offers in a race: the further of received and replayed; at least that, while it is on old WAL. */
export function standbyPosition(answer: StandbyAnswer): Lsn | null {
  const { receiveLsn, replayLsn } = answer;
  if (receiveLsn === null) return replayLsn;
  return replayLsn !== null && replayLsn > receiveLsn ? replayLsn : receiveLsn;
}
