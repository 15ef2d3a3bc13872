import type { Lsn } from './lsn.ts';
import type { MemberName } from './names.ts';
import type { Tags } from './tags.ts';
import type { Instant, Millis } from './time.ts';
import type { Timeline } from './timeline.ts';

/** What a peer's REST API said of its PostgreSQL (spec/ha.md 2.12), and when we asked. */
export type PeerAnswer =
  | {
      readonly kind: 'reported';
      readonly member: MemberName;
      readonly askedAt: Instant;
      /** `primary`: accepts writes as far as it knows. */
      readonly recovery: 'primary' | 'standby';
      /** Further of received and replayed; `null` on a primary, or when it did not say. */
      readonly position: Lsn | null;
      /** It has replayed only a part of what lay there when its server was started: how much there is it cannot say yet. */
      readonly hasMore?: true;
      readonly timeline: Timeline | null;
      /** How long before the answer its agent looked at PostgreSQL; `null`: it does not say, as who asks it live. */
      readonly lookedAgo: Millis | null;
      readonly tags: Tags;
      readonly watchdogFailed: boolean;
      /** In failsafe mode: it has left the lead to nobody, and has not forgotten it either. */
      readonly isUnpromised: boolean;
      /** It knows that its data has parted from the last leader's, on a timeline as new as that one's, or a newer one. */
      readonly isDiverged?: true;
      /** Its operator's `pre_promote` said no a moment ago, so it takes no lock. */
      readonly keepsOut?: true;
      /** It tried to take the lock, several times in a row and a moment ago, and could not. */
      readonly getsNoLock?: true;
    }
  /** Refused, timed out, or cannot vouch for its PostgreSQL. */
  | {
      readonly kind: 'no-answer';
      readonly member: MemberName;
      readonly askedAt: Instant;
      readonly reason: string;
      /** It says that no PostgreSQL runs there, and that it was no primary last. */
      readonly atRest?: true;
    };

/** Its own word, given at `since` or later, that it is no primary. */
export function deniesPrimary(answer: PeerAnswer | undefined, since: Instant): boolean {
  if (answer === undefined || answer.askedAt < since) return false;
  return answer.kind === 'reported' ? answer.recovery === 'standby' : answer.atRest === true;
}

/** It saw its PostgreSQL longer ago than asked for. */
export function isOutdated(answer: PeerAnswer, maxAge: Millis | null): boolean {
  return answer.kind === 'reported' && maxAge !== null && answer.lookedAgo !== null && answer.lookedAgo > maxAge;
}
