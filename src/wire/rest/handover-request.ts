import type { Json, JsonObject } from '../../domain/json.ts';
import type { AgentRequest } from '../../domain/requests.ts';
import { isTruthy } from '../../domain/tags.ts';
import type { WallTime } from '../../domain/time.ts';
import { type ParsedSchedule, parseSchedule } from './schedule-text.ts';

export type ParsedHandover =
  | { readonly kind: 'request'; readonly request: AgentRequest & { readonly kind: 'switchover' | 'failover' } }
  /** The text is one of Patroni's where it has one. */
  | { readonly kind: 'refused'; readonly status: 400 | 422; readonly text: string };

/**
 * What the body of `POST /switchover` or `/failover` asks for, refused where no look at the cluster is needed to know that
 * it makes no sense (spec/rest-api.md 12, lines 1 to 10 in their order). Whether it is done is the agent's decision.
 */
export function parseHandover(
  body: JsonObject,
  context: { readonly endpoint: 'switchover' | 'failover'; readonly isPaused: boolean; readonly now: WallTime },
): ParsedHandover {
  const { endpoint, isPaused } = context;
  const leader = nameIn(body['leader']);
  const candidate = nameIn(isTruthy(body['candidate']) ? body['candidate'] : body['member']);
  if (leader === 'not-a-name' || candidate === 'not-a-name')
    return refused(400, 'leader and candidate have to be text');
  if (endpoint === 'failover' && candidate === null) {
    return refused(400, 'Failover could be performed only to a specific candidate');
  }
  if (endpoint === 'switchover' && leader === null) {
    return refused(400, 'Switchover could be performed only from a specific leader');
  }
  const schedule = scheduleIn(body['scheduled_at'], context.now);
  const problem = schedule === null ? null : scheduleProblem(schedule, context);
  if (problem !== null) return problem;
  if (isPaused && candidate === null) {
    return refused(400, 'Switchover is possible only to a specific candidate in a paused state');
  }
  if (leader !== null && leader.name === candidate?.name) {
    return refused(400, 'Switchover target and source are the same');
  }
  return {
    kind: 'request',
    request: {
      // With a leader named there is somebody to hand over: the rules of a switchover hold.
      kind: leader === null ? 'failover' : 'switchover',
      leader: leader?.name ?? null,
      candidate: candidate?.name ?? null,
      scheduledAt: schedule?.kind === 'at' ? schedule.iso : null,
    },
  };
}

function scheduleProblem(
  schedule: ParsedSchedule,
  context: { readonly endpoint: 'switchover' | 'failover'; readonly isPaused: boolean; readonly now: WallTime },
): ParsedHandover | null {
  if (context.endpoint === 'failover') return refused(400, "Failover can't be scheduled");
  if (context.isPaused) return refused(400, "Can't schedule switchover in the paused state");
  switch (schedule.kind) {
    case 'no-zone':
      return refused(400, 'Timezone information is mandatory for the scheduled switchover');
    case 'unreadable':
      return refused(422, 'Unable to parse scheduled timestamp. It should be in an unambiguous format, e.g. ISO 8601');
    case 'at':
      return schedule.at < context.now ? refused(422, 'Cannot schedule switchover in the past') : null;
  }
}

/** `null`: at once. Whatever counts as empty says so. */
function scheduleIn(value: Json | undefined, now: WallTime): ParsedSchedule | null {
  if (!isTruthy(value)) return null;
  return typeof value === 'string' ? parseSchedule(value, now) : { kind: 'unreadable' };
}

function nameIn(value: Json | undefined): { readonly name: string } | null | 'not-a-name' {
  if (!isTruthy(value)) return null;
  return typeof value === 'string' ? { name: value } : 'not-a-name';
}

function refused(status: 400 | 422, text: string): ParsedHandover {
  return { kind: 'refused', status, text };
}
