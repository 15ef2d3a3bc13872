import type { ClusterView, Member } from '../../domain/cluster-view.ts';
import type { Instant, WallTime } from '../../domain/time.ts';
import type { NodeAnswer } from '../../wire/rest/node-report.ts';
import type { ToldDecision } from '../../wire/rest/read-decision.ts';

/** A cluster at one moment, as the store and its members' own agents show it. */
export type Scene = {
  readonly cluster: string;
  readonly wallAt: WallTime;
  /** The last picture of the store. */
  readonly view: ClusterView;
  /** `null`: the store answers. */
  readonly storeSilence: { readonly since: Instant; readonly why: string } | null;
  readonly lease: WatchedLease | null;
  /** By name: they never change places. Those whose keys ended meanwhile stay, as far as there is room to remember them. */
  readonly members: readonly WatchedMember[];
};

/** What is left of the lease as its holder last said; `null` around it: nobody holds it, or its holder does not say. */
export type WatchedLease = { readonly holder: string; readonly deadline: Instant };

export type WatchedMember = {
  /** What it published last. */
  readonly member: Member;
  /** A key ends with its member's lease. */
  readonly hasKey: boolean;
  /** What its agent says now; `null`: nothing. */
  readonly said: NodeAnswer | null;
  /** Why it says nothing; `null`: it answers. */
  readonly silence: string | null;
  /** What its agent last told of its decisions and their history. */
  readonly told: ToldDecision | null;
};
