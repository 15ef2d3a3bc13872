import type { Lsn } from './lsn.ts';
import type { MemberName, SlotName } from './names.ts';
import type { Instant, Millis } from './time.ts';

/** Whom a leader without the store has to ask, with their REST API's address (the `failsafe` key, spec/dcs.md 1.11). */
export type FailsafeMembers = ReadonlyMap<MemberName, string>;

/** What such a leader says to each of them: leave the lead to me for `ttl`. */
export type FailsafeCall = {
  readonly name: MemberName;
  readonly connUrl: string;
  readonly apiUrl: string;
  readonly slots: ReadonlyMap<SlotName, Lsn>;
  /** Not said by Patroni: the member's own `ttl` counts then. */
  readonly ttl: Millis | null;
};

export type FailsafeAnswer =
  | { readonly kind: 'accepted'; readonly lsn: Lsn | null }
  | { readonly kind: 'refused'; readonly reason: string };

/** All of them asked at once, and what has come so far. */
export type FailsafeRound = {
  /** Before the first question left: what a member promises counts from a moment after it. */
  readonly askedAt: Instant;
  /** For how long they were asked to leave the lead: mine may have changed since then. */
  readonly ttl: Millis;
  readonly members: readonly MemberName[];
  readonly answers: ReadonlyMap<MemberName, FailsafeAnswer>;
  /** The heartbeat was told of it. */
  readonly isTold: boolean;
};

/** A leader without the store asked, and I leave the lead to it until then. */
export type FailsafePromise = {
  readonly to: MemberName;
  readonly until: Instant;
  readonly slots: ReadonlyMap<SlotName, Lsn>;
};
