import type { ClusterView, FailoverRequest } from '../domain/cluster-view.ts';
import type { Memory } from '../domain/memory.ts';
import type { Promotion, PromotionReason } from '../domain/meter-readings.ts';
import { between, millis, type WallTime } from '../domain/time.ts';
import type { LogFields, LogLevel } from '../ports/log.ts';
import type { AgentState } from './state.ts';

/** What changed in one step and is worth a line in the history, besides decisions. Steers nothing. */
export type Notable = { readonly level: LogLevel; readonly event: string; readonly fields: LogFields };

export function notableChanges(before: AgentState, after: AgentState): readonly Notable[] {
  const refusals = storeRefusals(before, after);
  if (before.view === after.view && before.memory === after.memory && before.storeSilent === after.storeSilent)
    return refusals;
  return [
    ...storeChange(before, after),
    ...refusals,
    ...(before.view === after.view ? [] : viewChanges(before.view, after.view)),
    ...pauseChange(before, after),
    ...roleChange(before.memory, after),
  ];
}

/** Did PostgreSQL become a primary by this step, and what had led to it? */
export function promotionIn(before: AgentState, after: AgentState): Promotion | null {
  const { roleChange: change, race } = after.memory;
  if (change === null || change === before.memory.roleChange || change.to !== 'primary') return null;
  const since = race?.renewedBefore ?? race?.unledFor ?? null;
  const isRaceWon = race?.outcome === 'won';
  const writeGap = !isRaceWon || since === null ? null : millis(Math.max(0, change.at - race.at) + since);
  return { reason: reasonOf(before), writeGap };
}

/** The request that was followed stays in the store until its winner is a primary. */
function reasonOf({ config, memory, view, wallNow }: AgentState): PromotionReason {
  const { race } = memory;
  if (memory.bootstrap.kind !== 'none') return 'bootstrap';
  const request = view?.failover ?? null;
  if (request !== null && isDue(request, wallNow) && race?.outcome === 'won')
    return request.leader === null ? 'manual-failover' : 'switchover';
  if (race?.former === undefined || race.former === null) return 'unseen';
  if (race.former.name === config.name) return 'own-restart';
  return race.former.end === 'lock-removed' ? 'lock-released' : race.former.end;
}

function isDue({ schedule }: FailoverRequest, now: WallTime): boolean {
  return schedule.kind === 'now' || (schedule.kind === 'at' && schedule.at <= now);
}

function storeChange({ storeSilent: before }: AgentState, after: AgentState): readonly Notable[] {
  const now = after.storeSilent;
  if (before === null && now !== null)
    return [{ level: 'warn', event: 'store-silent', fields: { reason: now.reason } }];
  if (before === null || now !== null) return [];
  return [
    { level: 'info', event: 'store-answers', fields: { silentMs: Math.round(between(before.since, after.now)) } },
  ];
}

/** What the store will not have (permissions, its quota), once as long as it says the same: nothing else would show it. */
function storeRefusals({ upkeepRest: before }: AgentState, { upkeepRest: now }: AgentState): readonly Notable[] {
  if (before === now) return [];
  return [...now].flatMap(([upkeep, { reason, isRefused }]): readonly Notable[] => {
    const isTold = before.get(upkeep)?.isRefused === true && before.get(upkeep)?.reason === reason;
    return isRefused && !isTold ? [{ level: 'warn', event: 'store-refuses', fields: { upkeep, reason } }] : [];
  });
}

function viewChanges(before: ClusterView | null, after: ClusterView | null): readonly Notable[] {
  if (before === null || after === null) return [];
  const [from, to] = [before.lock?.holder ?? null, after.lock?.holder ?? null];
  const leader = from === to ? [] : [line(to === null ? 'leader-gone' : 'leader-changed', { from, to })];
  const [had, has] = [namesIn(before), namesIn(after)];
  return [
    ...leader,
    ...[...has].filter((name) => !had.has(name)).map((name) => line('member-joined', { name })),
    ...[...had].filter((name) => !has.has(name)).map((name) => line('member-left', { name })),
    ...syncChange(before, after),
  ];
}

function syncChange(before: ClusterView, after: ClusterView): readonly Notable[] {
  const [had, has] = [votersIn(before), votersIn(after)];
  return had === has ? [] : [line('synchronous-standbys', { from: had, to: has })];
}

function pauseChange(before: AgentState, after: AgentState): readonly Notable[] {
  if (before.dynamic.pause === after.dynamic.pause) return [];
  return [line(after.dynamic.pause ? 'paused' : 'resumed', {})];
}

function roleChange(before: Memory, { memory: { roleChange: change, race } }: AgentState): readonly Notable[] {
  if (change === null || change === before.roleChange) return [];
  if (change.to === 'demoted') return [line('demoted', { rule: change.rule })];
  const former = race === null ? {} : { formerLeader: race.former?.name ?? null, formerEnd: race.former?.end ?? null };
  return [line('became-primary', { rule: change.rule, ...former })];
}

function line(event: string, fields: LogFields): Notable {
  return { level: 'info', event, fields };
}

function namesIn({ members }: ClusterView): ReadonlySet<string> {
  return new Set(members.map(({ name }) => name));
}

function votersIn({ sync }: ClusterView): string {
  return (sync?.voters ?? []).join(',');
}
