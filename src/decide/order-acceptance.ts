import type { Memory } from '../domain/memory.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import type { AgentRequest, RequestAnswer, RestartRequest } from '../domain/requests.ts';
import type { PostgresTask } from '../domain/task.ts';
import { later } from '../domain/time.ts';
import { heldLock, leaderName } from './facts.ts';
import type { Happening } from './happening.ts';
import { belongsElsewhere } from './identity.ts';
import { meetsConditions } from './restart-conditions.ts';

/** What is done to this member's own PostgreSQL. */
export type OrderRequest = Extract<AgentRequest, { kind: 'restart' | 'cancel-restart' | 'reinitialize' }>;

/** `remember` it and answer; without an answer yet, the end of the order is the answer. */
export type OrderAcceptance =
  | { readonly kind: 'answer'; readonly answer: RequestAnswer }
  | { readonly kind: 'remember'; readonly happening: Happening; readonly answer: RequestAnswer | null };

/** How is an order received (spec/rest-api.md 13 and 14, spec/ha.md 2.18)? The texts are Patroni's. `id`: the request's. */
export function orderAcceptance(o: Observation, m: Memory, request: OrderRequest, id: number): OrderAcceptance {
  if (request.kind === 'cancel-restart') return cancel(m);
  // Patroni drops the connection then (spec/rest-api.md 15).
  if (latestView(o) === null || o.store.kind === 'silent') return { kind: 'answer', answer: { kind: 'drop' } };
  if (request.kind === 'reinitialize') return reinitialize(o, m, request);
  return request.schedule === null ? restart(o, m, { request, id }) : schedule(o, m, request);
}

function cancel(m: Memory): OrderAcceptance {
  if (m.scheduledRestart === null) return answer(404, 'no restarts are scheduled');
  return remembered({ kind: 'restart-scheduled', restart: null }, 200, 'scheduled restart deleted');
}

function schedule(o: Observation, m: Memory, { filters, timeout, schedule: when }: RestartRequest): OrderAcceptance {
  if (o.dynamic.pause) return answer(500, "Can't schedule restart in the paused state");
  if (m.scheduledRestart !== null) return answer(409, 'Another restart is already scheduled');
  const process = o.postgres?.process;
  // A restart is meant for a postmaster that runs; without one it would be void at once.
  if (when === null || process?.kind !== 'running') return answer(503, 'restart failed');
  const postmaster = { pid: process.pid, startedAt: process.startedAt };
  return remembered(
    { kind: 'restart-scheduled', restart: { filters, timeout, ...when, postmaster } },
    202,
    'Restart scheduled',
  );
}

function restart(
  o: Observation,
  m: Memory,
  { request, id }: { readonly request: RestartRequest; readonly id: number },
): OrderAcceptance {
  if (!meetsConditions(o, m, request.filters)) return answer(503, 'restart conditions are not satisfied');
  const busy = busyWith(o, m);
  if (busy !== null) return answer(503, `${busy} already in progress`);
  if (o.postgres?.process.kind !== 'running') return answer(503, 'restart failed');
  const until = later(o.now, o.timings.retryTimeout);
  const order = { kind: 'restart', request: id, timeout: request.timeout, until, begun: false } as const;
  return { kind: 'remember', happening: { kind: 'ordered', order }, answer: null };
}

function reinitialize(
  o: Observation,
  m: Memory,
  { force, fromLeader }: Extract<OrderRequest, { kind: 'reinitialize' }>,
): OrderAcceptance {
  const leader = leaderName(o, m);
  if (leader === null) return answer(503, 'Cluster has no leader, can not reinitialize');
  if (leader === o.config.name || heldLock(o) !== null) return answer(503, 'I am the leader, can not reinitialize');
  if (belongsElsewhere(o)) return answer(503, 'The data is of a different cluster, can not reinitialize');
  const busy = busyWith(o, m);
  if (busy !== null && !force) return answer(503, `${busy} already in progress`);
  if (m.bootstrap.kind !== 'none') return answer(503, 'The creation of a cluster is not over, can not reinitialize');
  const order = { kind: 'reinitialize', fromLeader, cancels: o.task?.id ?? null, stage: 'wanted' } as const;
  return remembered({ kind: 'ordered', order }, 200, 'reinitialize started');
}

/** What runs, or was ordered and comes next, in Patroni's words where it has some; `null`: nothing. */
function busyWith(o: Observation, m: Memory): string | null {
  if (m.order?.kind === 'reinitialize') return 'reinitialize';
  if (o.task !== null) return nameOf(o.task.task);
  return m.order?.kind ?? null;
}

function nameOf(task: PostgresTask): string {
  switch (task.kind) {
    case 'clone':
      if (task.from === null) return 'bootstrap without leader';
      return `bootstrap from ${task.fromReplica === true ? 'replica' : 'leader'} '${task.from.member}'`;
    case 'rewind':
      return `running pg_rewind from ${task.from.member}`;
    case 'crash-recovery':
      return 'doing crash recovery in a single user mode';
    case 'copy-slots':
      return 'copy_logical_slots';
    case 'bootstrap':
    case 'start':
    case 'stop':
    case 'end-orphans':
    case 'promote':
    case 'restart':
    case 'remove-data':
    case 'set-aside-data':
      return task.kind;
  }
}

function remembered(happening: Happening, status: number, text: string): OrderAcceptance {
  return { kind: 'remember', happening, answer: { kind: 'text', status, text } };
}

function answer(status: number, text: string): OrderAcceptance {
  return { kind: 'answer', answer: { kind: 'text', status, text } };
}

/** What whoever asked for a restart is told at its end; `null`: it has not come to one. `isLate`: it was to begin by now. */
export function restartResult(m: Memory, id: number, isLate: boolean): RequestAnswer | null {
  const { order, restartEnd } = m;
  const ended = restartEnd?.request === id ? restartEnd.end : null;
  const isMine = order?.kind === 'restart' && order.request === id;
  if (ended === null && isMine && (order.begun || !isLate)) return null;
  switch (ended) {
    case 'done':
      return { kind: 'text', status: 200, text: 'restarted successfully' };
    case 'late':
      return { kind: 'text', status: 503, text: 'postgres is still starting' };
    case 'failed':
    case null:
      return { kind: 'text', status: 503, text: 'restart failed' };
  }
}
