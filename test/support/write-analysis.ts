/** What the writers' notes say about a span of time. Instants are CLOCK_MONOTONIC in milliseconds. */
export function analyse(acknowledgements: readonly Acknowledgement[], question: Question): WriteReport {
  const inOrder = acknowledgements.toSorted((a, b) => a.at - b.at);
  const outside = inOrder.filter(({ place }) => place === 'outside');
  return {
    acknowledged: inOrder.length,
    longestGapMs: longestGap(
      outside.map(({ at }) => at),
      question,
    ),
    late: lateAcknowledgements(inOrder),
    lost: question.present === null ? [] : inOrder.filter(({ id }) => question.present?.has(id) === false),
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
 * Writes acknowledged by an old primary after the new one's first: what must never be. A primary is named by its
 * timeline: a promotion starts a new one.
 */
export function lateAcknowledgements(inOrder: readonly Acknowledgement[]): readonly Acknowledgement[] {
  const late: Acknowledgement[] = [];
  let newest = 0;
  for (const each of inOrder) {
    if (each.timeline < newest) late.push(each);
    newest = Math.max(newest, each.timeline);
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
