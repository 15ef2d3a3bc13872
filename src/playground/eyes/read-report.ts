import { z } from 'zod';
import type { NodeReport, ReportedLock } from '../model/report.ts';

/** `GET /patroni` and `GET /decision` of one node as one report; what is not there is not known. */
export function readReport(bodies: {
  readonly status: string | null;
  readonly decision: string | null;
  /** When both were asked. */
  readonly askedAt: number;
}): NodeReport {
  const status = Status.safeParse(jsonOf(bodies.status));
  const decision = Decision.safeParse(jsonOf(bodies.decision));
  if (!status.success || !decision.success) return { kind: 'no-answer' };
  const { role, state, timeline, xlog, replication_state: replication, pause } = status.data;
  const { rule, action, waits_for: waitsFor, lock } = decision.data;
  const position = xlog?.location ?? xlog?.received_location;
  return {
    kind: 'answered',
    role,
    state,
    replication: replication ?? null,
    timeline: timeline ?? null,
    lsn: position === undefined ? null : BigInt(position),
    lock: reportedLock(lock, bodies.askedAt),
    doing: { rule, action: action.task ?? action.for ?? action.kind, waitsFor },
    isPaused: pause ?? false,
  };
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
