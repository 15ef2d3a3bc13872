/**
 * What the writers' notes say about a span of time; what was late or lost before it is none of its concern. Instants
 * are CLOCK_MONOTONIC in milliseconds.
 */
export function analyse(acknowledgements: readonly Acknowledgement[], { from, to, present }: Question): WriteReport {
  const inOrder = acknowledgements.toSorted((a, b) => a.at - b.at);
  const reignBefore = inOrder.findLast(({ at }) => at < from)?.timeline ?? 0;
  const instantsOutside = inOrder.flatMap(({ place, at }) => (place === 'outside' ? [at] : []));
  return {
    acknowledged: inOrder.filter(({ at }) => at >= from && at <= to).length,
    longestGapMs: longestGap(instantsOutside, { from, to }),
    late: lateAcknowledgements(inOrder).filter(({ at }) => at >= from),
    lost: inOrder.filter(
      ({ id, at, timeline }) => at <= to && timeline >= reignBefore && present !== null && !present.has(id),
    ),
  };
}

/** The longest time between two neighbours within the span, its ends included. */
export function longestGap(instants: readonly number[], { from, to }: Span): number {
  const within = instants.filter((at) => at >= from && at <= to);
  const before = instants.findLast((at) => at < from) ?? from;
  let longest = 0;
  let last = before;
  for (const at of [...within, to]) {
    longest = Math.max(longest, at - last);
    last = at;
  }
  return longest;
}

/**
 * Writes acknowledged by an old primary after the new one's first: what must never be. A reign is one node on one
 * timeline, because a promotion starts a new timeline; two nodes that promote at once may give it the same number.
 */
export function lateAcknowledgements(inOrder: readonly Acknowledgement[]): readonly Acknowledgement[] {
  const late: Acknowledgement[] = [];
  const seen = new Set<string>();
  let newest = '';
  for (const each of inOrder) {
    const reign = `${each.timeline} of ${each.node}`;
    if (!seen.has(reign)) {
      seen.add(reign);
      newest = reign;
    } else if (reign !== newest) late.push(each);
  }
  return late;
}

export interface Acknowledgement {
  /** The row's key as one text. */
  readonly id: string;
  readonly writer: string;
  readonly lane: string;
  /** Where the writer is: a host, or `outside`. */
  readonly place: string;
  /** When the connection that it came over was made. */
  readonly connectedAt: number;
  readonly sentAt: number;
  readonly at: number;
  /** Who acknowledged it. */
  readonly node: string;
  readonly timeline: number;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

interface Question extends Span {
  /** Keys of the rows that are there now; `null`: not asked. */
  readonly present: ReadonlySet<string> | null;
}

export interface WriteReport {
  readonly acknowledged: number;
  /** As clients outside saw it. */
  readonly longestGapMs: number;
  readonly late: readonly Acknowledgement[];
  /** Acknowledged and absent afterwards: with asynchronous replication a failover may lose the newest. */
  readonly lost: readonly Acknowledgement[];
}
