import { describe, expect, test } from 'vitest';
import { agentIn, effectsOf, happens, type Story } from '../../test/support/agent-state.ts';
import { leader, replica, type Situation, stopped } from '../../test/support/observations.ts';
import { LOCK, primaryAnswer, RUNNING, standbyAnswer } from '../../test/support/observed-parts.ts';
import { desiredPrimary, desiredStandby } from '../decide/desired-postgres.ts';
import { callbackActions } from '../domain/callback.ts';
import type { PostgresReport } from '../domain/postgres-report.ts';
import { ruleName } from '../domain/rule.ts';
import type { PostgresTask, TaskOutcome } from '../domain/task.ts';
import { later, millis, seconds } from '../domain/time.ts';
import type { CallbackMemory } from './callback-memory.ts';
import type { AgentState } from './state.ts';

const commands = Object.fromEntries(callbackActions.map((action) => [action, `/bin/${action}`]));
const done: TaskOutcome = { kind: 'done' };

function agent(situation: Situation, callbacks: Partial<CallbackMemory> = {}): AgentState {
  const state = agentIn(situation);
  return {
    ...state,
    effective: { ...state.effective, callbacks: commands },
    callbacks: { told: null, pending: 'on_start', isStopping: false, ...callbacks },
  };
}

function calls(...stories: readonly Story[]): readonly string[] {
  return stories.flatMap((story) =>
    effectsOf(story, 'call-back').map(({ callback }) => `${callback.action} ${callback.role}`),
  );
}

function look(state: AgentState, change: Partial<PostgresReport> = {}): Story {
  if (state.postgres === null) throw new Error('the fixture has looked');
  const report = { ...state.postgres, observedAt: later(state.now, millis(1)), ...change };
  return happens(state, { kind: 'postgres', report });
}

/** As if `task` had been decided and begun, then ended so. */
function ran(state: AgentState, task: PostgresTask, outcome: TaskOutcome = done): Story {
  const { decision } = state;
  const running = { id: 99, task, since: state.now, note: null, cancelling: false, decision };
  return happens({ ...state, task: running }, { kind: 'task-ended', id: 99, outcome });
}

const up = { process: RUNNING, server: primaryAnswer() } as const;
const upAsStandby = { process: RUNNING, server: standbyAnswer() } as const;
const stopping: CallbackMemory = { told: 'primary', pending: null, isStopping: true };
const stop: PostgresTask = { kind: 'stop', mode: 'fast', checkpointFirst: true, timeout: null };

describe('an agent finds a server that runs', () => {
  test('PG-1: on_start is called once, with the role, and nothing is restarted', () => {
    const first = look(agent(leader()));
    const second = look(first.state);
    expect(calls(first, second)).toEqual(['on_start primary']);
    expect(effectsOf(first, 'run-task')).toEqual([]);
  });

  test('so for a standby', () => {
    expect(calls(look(agent(replica())))).toEqual(['on_start replica']);
  });

  test('a server that does not answer yet is told of when it does', () => {
    const starting = look(agent(replica()), { server: { kind: 'rejecting' } });
    expect(calls(starting, look(starting.state, upAsStandby))).toEqual(['on_start replica']);
  });

  test('PG-77: without any command it counts as told all the same', () => {
    const state = agent(leader());
    const story = look({ ...state, effective: { ...state.effective, callbacks: {} } });
    expect(calls(story)).toEqual([]);
    expect(story.state.callbacks).toEqual({ told: 'primary', pending: null, isStopping: false });
  });
});

describe('PostgreSQL is stopped and started', () => {
  const running = (): AgentState => agent(leader(), { told: 'primary', pending: null });

  test('a stop calls on_stop with the role that it had', () => {
    expect(calls(ran({ ...running(), callbacks: stopping }, stop))).toEqual(['on_stop primary']);
  });

  test('also when a look has already shown that it runs no more', () => {
    const gone = agent(stopped(), { ...stopping });
    expect(calls(ran(gone, stop))).toEqual(['on_stop primary']);
  });

  test('that it runs is known when its stop begins', () => {
    const leaving = happens(running(), { kind: 'stop-requested' });
    const handed = { ...leaving.state, peers: new Map() };
    const begun = happens(handed, { kind: 'timer', name: 'loop' }).state;
    expect(begun.task?.task.kind === 'stop' || leaving.state.task?.task.kind === 'stop').toBe(true);
    expect((begun.task === null ? leaving.state : begun).callbacks.isStopping).toBe(true);
  });

  test('a stop of what does not run calls nothing, and neither does one that failed', () => {
    expect(calls(ran(agent(stopped()), stop))).toEqual([]);
    expect(
      calls(ran({ ...running(), callbacks: stopping }, stop, { kind: 'failed', reason: 'it does not end' })),
    ).toEqual([]);
  });

  test('PG-15: a restart calls on_restart, and neither on_stop nor on_start', () => {
    const { o } = leader();
    const restart: PostgresTask = { kind: 'restart', desired: desiredPrimary(o), timeout: seconds(60) };
    const state = agent(leader(), { told: 'primary', pending: 'on_restart' });
    const ended = ran(state, restart);
    expect(calls(ended, look(ended.state, up))).toEqual(['on_restart primary']);
  });

  test('PG-10: one that goes on starting is told of when it opens', () => {
    const { o } = leader();
    const start: PostgresTask = { kind: 'start', desired: desiredPrimary(o), timeout: seconds(60) };
    const state = agent(leader(), { told: 'primary', pending: 'on_start' });
    const late = ran(state, start, { kind: 'failed', reason: 'not yet', late: true });
    const waiting = look(late.state, { server: { kind: 'rejecting' } });
    expect(calls(late, waiting)).toEqual([]);
    expect(calls(look(waiting.state, up))).toEqual(['on_start primary']);
  });

  test('a server that was ended from outside, and is back, is told of again', () => {
    const gone = look(running(), { process: { kind: 'none' }, server: { kind: 'down' } });
    expect(gone.state.callbacks.pending).toBe('on_start');
    const back = { ...gone.state, task: null, inFlight: null };
    expect(calls(gone, look(back, up))).toEqual(['on_start primary']);
  });
});

describe('the role changes', () => {
  const promote: PostgresTask = { kind: 'promote', safety: millis(1_000) };

  test('PG-56, PG-78: a promotion is told of when it is asked for, as primary, and once', () => {
    const state = agent(replica(), { told: 'replica', pending: null });
    const { decision } = state;
    const running = { id: 99, task: promote, since: state.now, note: null, cancelling: false, decision };
    const memory = { ...state.memory, role: 'promoted' } as const;
    const asked = happens(
      { ...state, memory, task: running },
      { kind: 'task-milestone', id: 99, milestone: 'promotion-asked' },
    );
    expect(calls(asked)).toEqual(['on_role_change primary']);
    const ended = happens(asked.state, { kind: 'task-ended', id: 99, outcome: done });
    expect(calls(ended, look(ended.state, up))).toEqual([]);
  });

  test('PG-57: a demoted primary that is started as a replica calls on_role_change, and neither on_start nor on_restart', () => {
    const { o } = replica();
    const start: PostgresTask = { kind: 'start', desired: desiredStandby(o, null), timeout: seconds(60) };
    const state = agent(replica(), { told: 'primary', pending: 'on_role_change' });
    const ended = ran(state, start);
    expect(calls(ended, look(ended.state, upAsStandby))).toEqual(['on_role_change replica']);
  });

  test('so when that start failed, and then nothing more when it comes up', () => {
    const { o } = replica();
    const start: PostgresTask = { kind: 'start', desired: desiredStandby(o, null), timeout: seconds(60) };
    const ended = ran(agent(replica(), { told: 'primary', pending: 'on_role_change' }), start, {
      kind: 'failed',
      reason: 'the postmaster ended',
    });
    expect(calls(ended)).toEqual(['on_role_change replica']);
  });

  test('which of the two a start calls is known when it begins', () => {
    const down = stopped({ directory: { signal: 'standby', hasBackupLabel: true } });
    const begun = (told: CallbackMemory['told']): CallbackMemory['pending'] =>
      happens(agent(down, { told, pending: 'on_start' }), { kind: 'timer', name: 'loop' }).state.callbacks.pending;
    expect([begun(null), begun('replica'), begun('primary'), begun('demoted')]).toEqual([
      'on_start',
      'on_start',
      'on_role_change',
      'on_role_change',
    ]);
  });

  test('what somebody else promoted is told of, too', () => {
    const state = agent(replica({ dynamic: { pause: true } }), { told: 'replica', pending: null });
    expect(calls(look(state, up))).toEqual(['on_role_change primary']);
  });
});

describe('a reload', () => {
  const reloaded = (rule: string, outcome: TaskOutcome = done): Story => {
    const state = agent(replica(), { told: 'replica', pending: null });
    const decision = { ...state.decision, rule: ruleName(rule) };
    return happens({ ...state, inFlight: { id: 99, decision } }, { kind: 'reconfigured', id: 99, outcome });
  };

  test('PG-29: calls on_reload, also where it changes the upstream', () => {
    expect(calls(reloaded('apply-configuration'), reloaded('change-upstream'))).toEqual([
      'on_reload replica',
      'on_reload replica',
    ]);
  });

  test('that failed, or only wakes the receiver, calls nothing', () => {
    expect(calls(reloaded('apply-configuration', { kind: 'failed', reason: 'disk full' }))).toEqual([]);
    expect(calls(reloaded('wake-receiver'))).toEqual([]);
  });
});

test('nothing is called while a cluster is created, and on_start when it is', () => {
  const creating = leader({ memory: { bootstrap: { kind: 'created', keyRevision: LOCK, systemId: null } } });
  const first = look(agent(creating));
  expect(calls(first)).toEqual([]);
  const over = { ...first.state, memory: { ...first.state.memory, bootstrap: { kind: 'none' } as const } };
  expect(calls(look(over))).toEqual(['on_start primary']);
});
