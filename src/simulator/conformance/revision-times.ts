import type { Revision } from '../../domain/names.ts';
import type { Cause } from './key-space-walk.ts';
import type { StoreRecord } from './store-record.ts';

/** When a revision was made, as far as those who asked can tell. */
export type RevisionTime = { readonly notBefore: number; readonly notAfter: number };

/**
 * The store is linearizable: a revision that an answer or a picture shows was made before it came; one that an answer
 * does not show was made after its question was sent. All members must have recorded by one clock.
 */
export function revisionTimes(
  record: StoreRecord,
  causes: ReadonlyMap<Revision, Cause>,
): ReadonlyMap<Revision, RevisionTime> {
  const answers = answersIn(record);
  const seen = [...answers, ...viewsIn(record)].toSorted((a, b) => Number(b.revision - a.revision));
  const asked = answers.toSorted((a, b) => Number(a.revision - b.revision));
  const times = new Map<Revision, { notBefore: number; notAfter: number }>();
  let notBefore = -Infinity;
  let next = 0;
  for (const [at, cause] of causes) {
    for (; (asked[next]?.revision ?? at) < at; next += 1)
      notBefore = Math.max(notBefore, asked[next]?.sentAt ?? notBefore);
    if (cause.kind === 'write') notBefore = Math.max(notBefore, cause.write.sentAt);
    times.set(at, { notBefore, notAfter: Infinity });
  }
  let notAfter = Infinity;
  next = 0;
  for (const at of [...causes.keys()].toReversed()) {
    for (; (seen[next]?.revision ?? -1n) >= at; next += 1) notAfter = Math.min(notAfter, seen[next]?.at ?? notAfter);
    times.set(at, { notBefore: times.get(at)?.notBefore ?? -Infinity, notAfter });
  }
  return times;
}

/** Answers that no store could give that is linearizable. */
export function revisionContradictions(record: StoreRecord, causes: ReadonlyMap<Revision, Cause>): readonly string[] {
  return [...revisionTimes(record, causes)].flatMap(([at, { notBefore, notAfter }]) =>
    notBefore > notAfter
      ? [`revision ${at} was seen ${(notBefore - notAfter).toFixed(1)} ms before it can have been made`]
      : [],
  );
}

type Seen = { readonly revision: Revision; readonly at: number };

/** Linearizable ones. */
function answersIn({ writes, lockReads }: StoreRecord): readonly (Seen & { readonly sentAt: number })[] {
  const ofWrites = writes.flatMap(({ sentAt, answered }) =>
    answered !== null && 'revision' in answered.outcome
      ? [{ revision: answered.outcome.revision, at: answered.at, sentAt }]
      : [],
  );
  return [...ofWrites, ...lockReads.map(({ read, at, sentAt }) => ({ revision: read.revision, at, sentAt }))];
}

function viewsIn({ watches }: StoreRecord): readonly Seen[] {
  return watches.flatMap(({ shown }) =>
    shown.flatMap((each) => (each.kind === 'view' ? [{ revision: each.view.revision, at: each.at }] : [])),
  );
}
