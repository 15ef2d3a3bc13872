import { expect, test } from 'vitest';
import { clusterView, leaderSnapshot, NOW, WALL_NOW } from '../../test/support/node-snapshot.ts';
import { memberName } from '../domain/names.ts';
import type { Race, RoleChange } from '../domain/role-change.ts';
import type { RuleName } from '../domain/rule.ts';
import { millis, wallTime } from '../domain/time.ts';
import { notableChanges, promotionIn } from './notable.ts';
import { type AgentState, initialAgentState } from './state.ts';

const { config, dynamic } = leaderSnapshot().observation;
const start = initialAgentState({ at: NOW, wallAt: WALL_NOW, config, dynamic });

function state(change: Partial<AgentState> = {}, memory: Partial<AgentState['memory']> = {}): AgentState {
  return { ...start, view: clusterView(), ...change, memory: { ...start.memory, ...memory } };
}

function told(before: AgentState, after: AgentState): readonly string[] {
  return notableChanges(before, after).map(({ event, fields }) => [event, ...Object.values(fields)].join(' '));
}

test('who leads, who comes and who goes', () => {
  const before = state();

  expect(told(before, state({ view: clusterView({ leader: null }) }))).toEqual(['leader-gone n1 ']);
  expect(told(before, state({ view: clusterView({ leader: 'n2', 'members/n1': null }) }))).toEqual([
    'leader-changed n1 n2',
    'member-left n1',
  ]);
  expect(told(state({ view: clusterView({ 'members/n3': null }) }), before)).toEqual(['member-joined n3']);
  expect(told(before, state({ view: clusterView({ sync: { leader: 'n1', quorum: 0, sync_standby: 'n2' } }) }))).toEqual(
    ['synchronous-standbys  n2'],
  );
});

test('nothing, when nothing changed but positions, or when there is nothing to compare with', () => {
  expect(told(state(), state({ view: clusterView({ status: { optime: 1 } }) }))).toEqual([]);
  expect(told(state({ view: null }), state())).toEqual([]);
});

test('a store that falls silent, and how long it was', () => {
  const silent = state({ storeSilent: { since: NOW, reason: 'timeout' } });

  expect(told(state(), silent)).toEqual(['store-silent timeout']);
  expect(told(silent, state({ now: later(3_000) }))).toEqual(['store-answers 3000']);
});

test('what the store refuses to take, once as long as it says the same', () => {
  const rest = (reason: string, isRefused = true) =>
    state({ upkeepRest: new Map([['status', { until: NOW, reason, isRefused }]]) });

  expect(told(state(), rest('permission denied'))).toEqual(['store-refuses status permission denied']);
  expect(told(rest('permission denied'), rest('permission denied'))).toEqual([]);
  expect(told(rest('permission denied'), rest('no space'))).toEqual(['store-refuses status no space']);
  expect(told(state(), rest('the store had changed', false))).toEqual([]);
});

test('pauses', () => {
  const paused = state({ dynamic: { ...dynamic, pause: true }, view: clusterView({ config: { pause: true } }) });

  expect(told(state(), paused)).toEqual(['paused']);
  expect(told(paused, state())).toEqual(['resumed']);
});

const rule = (name: string): RuleName => name as RuleName;
const race: Race = {
  outcome: 'won',
  rule: rule('campaign'),
  at: WALL_NOW,
  facts: {},
  former: { name: memberName('n2'), end: 'lease-ended' },
  unledFor: millis(300),
  renewedBefore: millis(5_300),
  own: { name: memberName('n1'), timeline: null, position: null },
  others: [],
};
const promoted: RoleChange = { to: 'primary', rule: rule('promote'), at: wallTime(WALL_NOW + 400), facts: {} };

function promotion(before: AgentState) {
  return promotionIn(before, { ...before, memory: { ...before.memory, roleChange: promoted } });
}

test('a promotion says what led to it, and for about how long nobody could write', () => {
  expect(promotion(state({}, { race }))).toEqual({ reason: 'lease-ended', writeGap: 5_700 });
  const released = { ...race, former: { name: memberName('n2'), end: 'lock-removed' as const }, renewedBefore: null };
  expect(promotion(state({}, { race: released }))).toEqual({ reason: 'lock-released', writeGap: 700 });
  expect(promotion(state({}, { race: { ...race, unledFor: null, renewedBefore: null } }))?.writeGap).toBeNull();
});

test('a request that is due is what led to it, one for later is not', () => {
  const asked = (failover: Readonly<Record<string, string>>) => state({ view: clusterView({ failover }) }, { race });

  expect(promotion(asked({ leader: 'n2' }))?.reason).toBe('switchover');
  expect(promotion(asked({ member: 'n1' }))?.reason).toBe('manual-failover');
  expect(promotion(asked({ leader: 'n2', scheduled_at: '2099-01-01T00:00:00+00:00' }))?.reason).toBe('lease-ended');
});

test('who led before, leads again; and nobody knows how one went who was never seen', () => {
  const own = { ...race, former: { name: memberName('n1'), end: 'unseen' as const } };

  expect(promotion(state({}, { race: own }))?.reason).toBe('own-restart');
  expect(promotion(state())).toEqual({ reason: 'unseen', writeGap: null });
});

test('a step that changes no role is no promotion, and neither is the end of one', () => {
  expect(promotionIn(state(), state())).toBeNull();
  expect(promotionIn(state(), state({}, { roleChange: { ...promoted, to: 'demoted' } }))).toBeNull();
});

function later(span: number): AgentState['now'] {
  return (NOW + span) as AgentState['now'];
}
