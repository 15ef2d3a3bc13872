import type { LeaseId, Revision } from '../../domain/names.ts';
import type { Cause } from './key-space-walk.ts';
import { revisionTimes } from './revision-times.ts';
import type { Extension, StoreRecord } from './store-record.ts';

/**
 * A lease ends as the model's do: not before its time to live has passed since the last keep-alive that was answered
 * (a deadline counts from when that one was sent), and not much later than that, the leader's scan and what
 * a newly elected leader adds. All members must have recorded by one clock.
 * @returns what contradicts, in words.
 */
export function leaseContradictions(
  record: StoreRecord,
  causes: ReadonlyMap<Revision, Cause>,
  allowance: LeaseAllowance,
): readonly string[] {
  const times = revisionTimes(record, causes);
  return [...causes].flatMap(([at, cause]) => {
    if (cause.kind !== 'lease-ended') return [];
    const life = lifeOf(record, cause.lease);
    const seen = times.get(at);
    if (life === null || seen === undefined) return [];
    const early = life.lastSentAt + life.ttl - seen.notAfter;
    if (early > 0) return [`lease ${cause.lease} ended ${early.toFixed(0)} ms before its time (revision ${at})`];
    const extended = hasElectedSince(record, life.lastSentAt) ? life.ttl + allowance.electionTimeoutMs : 0;
    const end = life.lastPossiblyAt + life.ttl + LEASE_SCAN_MS + extended + allowance.noticeMs;
    const late = seen.notBefore - end;
    return late > 0 ? [`lease ${cause.lease} was there ${late.toFixed(0)} ms after its time (revision ${at})`] : [];
  });
}

/** `noticeMs`: how late those who watch, and the store itself, may be on a busy machine. */
export type LeaseAllowance = { readonly electionTimeoutMs: number; readonly noticeMs: number };

type Life = {
  readonly ttl: number;
  /** When the last answered extension was sent: it counted from then on, or from a little later. */
  readonly lastSentAt: number;
  /** The latest moment at which any extension may have reached the store. */
  readonly lastPossiblyAt: number;
};

function lifeOf({ extensions }: StoreRecord, lease: LeaseId): Life | null {
  const own = extensions.filter((each) => each.lease === lease);
  const answered = own.flatMap(({ sentAt, answered: answer }) => (answer === null ? [] : [{ sentAt, ...answer }]));
  const last = answered.at(-1);
  if (last === undefined) return null;
  return {
    ttl: last.ttl,
    lastSentAt: Math.max(...answered.map(({ sentAt }) => sentAt)),
    lastPossiblyAt: Math.max(...own.map(possiblyUntil)),
  };
}

/** What nobody heard of may have arrived until the stream was given up. */
function possiblyUntil({ sentAt, answered, givenUpAt }: Extension): number {
  return answered?.at ?? givenUpAt ?? sentAt + UNHEARD_MS;
}

/** A new leader of the store gives every lease its full time again; the terms in its answers tell. */
function hasElectedSince({ terms }: StoreRecord, since: number): boolean {
  const before = terms.findLast(({ at }) => at <= since);
  return terms.some(({ at, term }) => at > since && before !== undefined && term !== before.term);
}

/** How often etcd's leader looks for leases that ran out. */
const LEASE_SCAN_MS = 500;
/** How long a request of a killed process may still be on its way. */
const UNHEARD_MS = 1000;
