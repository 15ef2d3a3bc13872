import type { DynamicConfig } from './dynamic-config.ts';
import type { JsonObject } from './json.ts';
import type { Lsn } from './lsn.ts';
import type { LeaseId, MemberName, Revision, SlotName, SystemId } from './names.ts';
import type { Tags } from './tags.ts';
import type { Millis, WallTime } from './time.ts';
import type { Timeline } from './timeline.ts';

/** One consistent picture of a cluster's keys in the store, at one revision (spec/dcs.md 2.2). */
export type ClusterView = {
  /** The store revision that this picture shows. */
  readonly revision: Revision;
  readonly initialize: Initialize;
  readonly config: StoredConfig;
  readonly lock: Lock | null;
  /** Sorted by name. */
  readonly members: readonly Member[];
  readonly status: Status;
  /** The mod revision of the status key; `null` when the key is absent. Not in pictures that older agents recorded. */
  readonly statusKeyRevision?: Revision | null;
  readonly failover: FailoverRequest | null;
  /** The mod revision of the failover key, also when it holds no request; `null` when the key is absent. */
  readonly failoverKeyRevision: Revision | null;
  readonly sync: SyncKey | null;
  /** The mod revision of the sync key, also when it says that no mode is active; `null` when the key is absent. */
  readonly syncKeyRevision: Revision | null;
  readonly history: HistoryKey;
  readonly failsafe: ReadonlyMap<MemberName, string> | null;
  /** The mod revision of the failsafe key, also when its list cannot be read; absent when the key is. */
  readonly failsafeKeyRevision?: Revision;
};

/** `in-progress`: somebody won the right to bootstrap and is at it; not the same as absent. */
export type Initialize =
  | { readonly kind: 'absent' }
  | { readonly kind: 'in-progress'; readonly modRevision: Revision }
  | { readonly kind: 'initialized'; readonly systemId: SystemId; readonly modRevision: Revision }
  | { readonly kind: 'invalid'; readonly text: string; readonly modRevision: Revision };

export type StoredConfig =
  | { readonly kind: 'absent' }
  | { readonly kind: 'invalid'; readonly modRevision: Revision; readonly problem: string }
  | {
      readonly kind: 'valid';
      readonly modRevision: Revision;
      readonly config: DynamicConfig;
      /**
       * Why the document's timings and `postgresql` section cannot be used; `config` then shows their defaults, and
       * `acceptDynamic` puts the last good ones in their place. The switches (pause, modes, lags) follow the document.
       */
      readonly rejected?: string;
    };

/** The `leader` key: who holds it is decided by name (spec/dcs.md 1.5). */
export type Lock = {
  readonly holder: MemberName;
  readonly lease: LeaseId | null;
  readonly createRevision: Revision;
  readonly modRevision: Revision;
};

export type Member = {
  readonly name: MemberName;
  readonly lease: LeaseId | null;
  readonly modRevision: Revision;
  /** `foreign`: written by another product (Patroni); its minimum timings then hold for everybody. */
  readonly agent: 'ours' | 'foreign';
  readonly connUrl: string | null;
  readonly apiUrl: string | null;
  readonly state: string;
  readonly role: PublishedRole;
  readonly version: string | null;
  /** `pending`: promoted, and its checkpoint on the new timeline is not done; do not rewind from it yet. */
  readonly checkpointAfterPromote: 'pending' | 'done';
  readonly tags: Tags;
  readonly position: Lsn | null;
  readonly receiveLsn: Lsn | null;
  readonly replayLsn: Lsn | null;
  readonly replicationState: string | null;
  readonly timeline: Timeline | null;
  readonly pause: boolean;
  /** The whole published object, for views that show what they do not know. */
  readonly published: JsonObject;
};

/** `master` is read as `primary`; whatever else is not in the list is `unknown`. */
export type PublishedRole =
  | 'primary'
  | 'replica'
  | 'standby_leader'
  | 'promoted'
  | 'demoted'
  | 'uninitialized'
  | 'unknown';

export type Status = {
  /** The leader's last published position; `null` when nobody published one. */
  readonly lastLsn: Lsn | null;
  readonly slots: ReadonlyMap<SlotName, Lsn>;
  readonly retainSlots: readonly SlotName[];
  /** For how long the leader that wrote it asks for the members' word; absent: it is not in failsafe mode. Not in Patroni's. */
  readonly failsafeTtl?: Millis;
};

/** A request in the `failover` key. With `leader` it is a switchover away from it, without one a manual failover. */
export type FailoverRequest = {
  readonly leader: MemberName | null;
  readonly candidate: MemberName | null;
  readonly schedule: Schedule;
  readonly modRevision: Revision;
};

export type Schedule =
  | { readonly kind: 'now' }
  | { readonly kind: 'at'; readonly at: WallTime; readonly text: string }
  | { readonly kind: 'unreadable'; readonly text: string };

export type SyncKey = {
  readonly leader: MemberName;
  readonly voters: readonly MemberName[];
  readonly quorum: number;
  readonly modRevision: Revision;
};

/** `unusable`: absent or unreadable: nothing is known of the cluster's timeline. */
export type HistoryKey =
  | { readonly kind: 'unusable'; readonly modRevision: Revision | null }
  | { readonly kind: 'lines'; readonly lines: readonly HistoryLine[]; readonly modRevision: Revision };

export type HistoryLine = {
  readonly timeline: Timeline;
  readonly lsn: Lsn;
  readonly reason: string;
  readonly at: string | null;
  readonly leader: MemberName | null;
};

/** The timeline that the cluster is known to have reached; `null` when the history says nothing. */
export function clusterTimeline(history: HistoryKey): number | null {
  if (history.kind === 'unusable') return null;
  const last = history.lines.at(-1);
  return last === undefined ? 1 : last.timeline + 1;
}

export function memberOf(view: ClusterView, name: MemberName): Member | null {
  return view.members.find((each) => each.name === name) ?? null;
}

/** Is this member among the standbys that the sync key names? Names there are compared without case (C-10). */
export function isVoter(sync: SyncKey, name: MemberName): boolean {
  return sync.voters.some((voter) => voter.toLowerCase() === name.toLowerCase());
}
