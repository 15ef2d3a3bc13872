import { z } from 'zod';
import { type Lsn, lsn } from '../../domain/lsn.ts';

/**
 * `GET /patroni` and `GET /decision` of one node as one report; what is not there is not known. Patroni's agents know no
 * `/decision`.
 */
export function readReport(bodies: {
  readonly status: string | null;
  readonly decision: string | null;
  /** When both were asked, on the asker's monotonic clock, in milliseconds. */
  readonly askedAt: number;
}): NodeReport {
  const status = Status.safeParse(jsonOf(bodies.status));
  const decision = Decision.safeParse(jsonOf(bodies.decision));
  if (!status.success) return { kind: 'no-answer' };
  const { role, state, timeline, xlog, replication_state: replication, pause } = status.data;
  const position = xlog?.location ?? xlog?.received_location;
  return {
    kind: 'answered',
    role,
    state,
    replication: replication ?? null,
    timeline: timeline ?? null,
    lsn: position === undefined ? null : lsn(BigInt(position)),
    lock: decision.success ? reportedLock(decision.data.lock, bodies.askedAt) : { kind: 'unknown' },
    doing: decision.success ? doingOf(decision.data) : null,
    isPaused: pause ?? false,
  };
}

/** What a node said of itself in one look, or that it said nothing. */
export type NodeReport = { readonly kind: 'no-answer' } | ({ readonly kind: 'answered' } & NodeAnswer);

export interface NodeAnswer {
  readonly role: string;
  readonly state: string;
  /** A replica's connection to its source; `null`: none, or a primary. */
  readonly replication: string | null;
  readonly timeline: number | null;
  /** Written, or received; `null`: it did not say. */
  readonly lsn: Lsn | null;
  readonly lock: ReportedLock;
  /** What it does now, by which rule, and what it waits for; `null`: it does not say. */
  readonly doing: Doing | null;
  readonly isPaused: boolean;
}

export interface Doing {
  readonly rule: string;
  readonly action: string;
  readonly waitsFor: string | null;
}

/** `deadline`: on the asker's clock, counted from before the question was sent. */
export type ReportedLock =
  | { readonly kind: 'held'; readonly deadline: number }
  | { readonly kind: 'not-held' }
  | { readonly kind: 'unknown' };

function doingOf({ rule, action, waits_for: waitsFor }: z.infer<typeof Decision>): Doing {
  return { rule, action: action.task ?? action.for ?? action.kind, waitsFor };
}

function reportedLock(lock: z.infer<typeof Lock>, askedAt: number): ReportedLock {
  switch (lock.kind) {
    case 'held':
      return lock.deadline_in_ms === undefined
        ? { kind: 'unknown' }
        : { kind: 'held', deadline: askedAt + lock.deadline_in_ms };
    case 'not-held':
      return { kind: 'not-held' };
    case 'doubtful':
    case 'unknown':
      return { kind: 'unknown' };
  }
}

function jsonOf(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

const Position = z.number().int().nonnegative().optional();

const Status = z.object({
  role: z.string(),
  state: z.string(),
  timeline: z.number().optional(),
  xlog: z.object({ location: Position, received_location: Position }).optional(),
  replication_state: z.string().optional(),
  pause: z.boolean().optional(),
});

const Lock = z.object({
  kind: z.enum(['held', 'not-held', 'doubtful', 'unknown']),
  deadline_in_ms: z.number().optional(),
});

const Decision = z.object({
  rule: z.string(),
  action: z.object({ kind: z.string(), task: z.string().optional(), for: z.string().optional() }),
  waits_for: z.string().nullable(),
  lock: Lock,
});
