/** What a node said of itself in one look, or that it said nothing. */
export type NodeReport = { readonly kind: 'no-answer' } | ({ readonly kind: 'answered' } & NodeAnswer);

export interface NodeAnswer {
  readonly role: string;
  readonly state: string;
  /** A replica's connection to its source; `null`: none, or a primary. */
  readonly replication: string | null;
  readonly timeline: number | null;
  /** Written, or received; `null`: it did not say. */
  readonly lsn: bigint | null;
  readonly lock: ReportedLock;
  /** What it does now, by which rule, and what it waits for. */
  readonly doing: { readonly rule: string; readonly action: string; readonly waitsFor: string | null };
  readonly isPaused: boolean;
}

/** `deadline`: on the playground's clock, counted from before the question was sent. */
export type ReportedLock =
  | { readonly kind: 'held'; readonly deadline: number }
  | { readonly kind: 'not-held' }
  | { readonly kind: 'unknown' };
