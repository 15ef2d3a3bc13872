import { describe, expect, test } from 'vitest';
import { agentIn, effectsOf, happens, type Story } from '../../test/support/agent-state.ts';
import { candidate, crashed, leader, replica, stopped } from '../../test/support/observations.ts';
import {
  branch,
  doubtful,
  held,
  LATER_LOCK,
  LOCK,
  lockOf,
  NOW,
  peer,
  position,
  primaryAnswer,
  requested,
  silentPeer,
  VIEW_REVISION,
} from '../../test/support/observed-parts.ts';
import { LOGICAL, physicalSlot, unusedSlot } from '../../test/support/slots.ts';
import type { ClusterView } from '../domain/cluster-view.ts';
import { memberKey, memberName, revision, systemId } from '../domain/names.ts';
import type { PostgresReport } from '../domain/postgres-report.ts';
import type { WriteOutcome } from '../domain/store-write.ts';
import { earlier, later, millis, seconds } from '../domain/time.ts';
import { readDynamicConfig } from '../wire/config/dynamic.ts';
import type { AgentState } from './state.ts';

const quietLeader = () => agentIn(leader({ server: primaryAnswer({ slots: [physicalSlot('b'), physicalSlot('c')] }) }));
const view = (state: AgentState, change: Partial<ClusterView>) => {
  if (state.view === null) throw new Error('the fixture has a view');
  return {
    kind: 'view',
    gapless: true,
    view: { ...state.view, revision: revision(VIEW_REVISION + 1n), ...change },
  } as const;
};
const look = (state: AgentState, change: Partial<PostgresReport> = {}) => {
  if (state.postgres === null) throw new Error('the fixture has looked');
  return {
    kind: 'postgres',
    report: { ...state.postgres, observedAt: later(state.now, millis(1)), ...change },
  } as const;
};
const commands = (story: Story) => effectsOf(story, 'heartbeat').map((each) => each.command.kind);
/** Steps on until what was begun at the start (publishing, slots) is under way. */
const settled = (state: AgentState) => happens(state, { kind: 'timer', name: 'loop' }).state;

describe('failsafe mode', () => {
  test('a longer ttl that is heard of after the members were asked makes their word no longer', () => {
    const urls = ['a', 'b', 'c'].map((each) => [memberName(each), `http://${each}:8008/patroni`] as const);
    const deadline = later(NOW, seconds(5));
    const cutOff = { lock: held({ deadline }), lease: { storeTrouble: 'no answer in time' } };
    const asks = { dynamic: { failsafe_mode: true, ttl: 5 }, view: { failsafe: new Map(urls) }, ...cutOff };
    let { state } = happens(agentIn(leader(asks)), { kind: 'timer', name: 'loop' });
    const { askedAt = state.now, ttl = null } = state.failsafe ?? {};
    const said = { kind: 'failsafe-answered', askedAt, answer: { kind: 'accepted', lsn: null } } as const;

    state = { ...state, timings: { ...state.timings, ttl: seconds(30) } };
    ({ state } = happens(state, { ...said, member: memberName('b') }));
    const agreed = happens(state, { ...said, member: memberName('c') }, millis(100));

    const told = effectsOf(agreed, 'heartbeat').find(({ command }) => command.kind === 'extend-by-members');
    expect(told?.command).toEqual({ kind: 'extend-by-members', askedAt, ttl });
    expect(ttl).toBe(seconds(5));
  });
});

describe('one step', () => {
  test('is the same step when it is made twice', () => {
    const state = quietLeader();

    expect(happens(state, { kind: 'timer', name: 'loop' })).toEqual(happens(state, { kind: 'timer', name: 'loop' }));
  });

  test('shows the heartbeat that the machine lives, a few times in a lease', () => {
    const first = happens(quietLeader(), { kind: 'timer', name: 'loop' });

    expect(commands(first)).toContain('stepped');
    expect(commands(happens(first.state, { kind: 'timer', name: 'loop' }))).not.toContain('stepped');
    const { ttl } = first.state.timings;
    expect(commands(happens(first.state, { kind: 'timer', name: 'loop' }, millis(ttl / 4)))).toContain('stepped');
  });

  test('decides nothing when only positions of others moved, and does when anything else did', () => {
    const state = { ...settled(quietLeader()), inFlight: null };
    const members = state.view?.members ?? [];
    const told = (name: string, value: string | number) =>
      view(state, {
        members: members.map((each) =>
          each.name === 'b' ? { ...each, published: { ...each.published, [name]: value } } : each,
        ),
      });
    const isJudged = (event: ReturnType<typeof told>) => happens(state, event).state.decision !== state.decision;

    expect(isJudged(told('xlog_location', 99_999_999))).toBe(false);
    expect(isJudged(told('replay_lsn', 99_999_999))).toBe(false);
    expect(isJudged(told('timeline', 99))).toBe(true);
    expect(isJudged(told('state', 'stopping'))).toBe(true);
    expect(isJudged(view(state, { lock: lockOf('c') }))).toBe(true);
  });

  test('decides nothing when a look shows only that WAL went on, and does when anything else changed', () => {
    const server = primaryAnswer({ slots: [physicalSlot('b'), physicalSlot('c')] });
    const state = { ...settled(quietLeader()), inFlight: null };
    const isJudged = (change: Partial<PostgresReport>) =>
      happens(state, look(state, change)).state.decision !== state.decision;

    expect(isJudged({ server: { ...server, flushLsn: position('0/5000999') } })).toBe(false);
    expect(isJudged({ server: { ...server, timeline: branch(4) } })).toBe(true);
    expect(isJudged({ server: { ...server, slots: [physicalSlot('b')] } })).toBe(true);
    expect(
      isJudged({ server: { ...server, pendingRestart: [{ name: 'max_connections', oldValue: '1', newValue: '2' }] } }),
    ).toBe(true);
    expect(isJudged({ server: { kind: 'down' } })).toBe(true);
    expect(isJudged({ process: { kind: 'running', pid: 99, startedAt: state.wallNow } })).toBe(true);
  });

  test('decides nothing when what it published is answered, nor by the picture that shows it, and does when it failed', () => {
    const state = { ...settled(quietLeader()), inFlight: null, upkeepInFlight: new Map([[99, 'status'] as const]) };
    const written = { kind: 'written', revision: revision(VIEW_REVISION + 1n) } as const;
    const answered = happens(state, { kind: 'write-answered', id: 99, outcome: written });
    const shown = happens(answered.state, view(answered.state, {}));

    expect(answered.state.decision).toBe(state.decision);
    expect(shown.state.decision).toBe(state.decision);
    const lost = { kind: 'no-answer', reason: 'time' } as const;
    const unknown = happens(state, { kind: 'write-answered', id: 99, outcome: lost });
    expect(unknown.state.decision.rule).toBe('own-writes-unsettled');
    const late = happens(answered.state, view(answered.state, { lock: lockOf('c') }));
    expect(late.state.decision).not.toBe(state.decision);
  });

  test('knows what the store will not have, also where it may have done it, from what it did not answer', () => {
    const state = { ...settled(quietLeader()), inFlight: null, upkeepInFlight: new Map([[99, 'status'] as const]) };
    const resting = (outcome: WriteOutcome) =>
      happens(state, { kind: 'write-answered', id: 99, outcome }).state.upkeepRest.get('status')?.isRefused;

    expect(resting({ kind: 'refused', reason: 'permission' })).toBe(true);
    expect(resting({ kind: 'no-answer', reason: 'no space', isRefused: true })).toBe(true);
    expect(resting({ kind: 'no-answer', reason: 'time' })).toBe(false);
    expect(resting({ kind: 'conflict', revision: revision(VIEW_REVISION) })).toBe(false);
  });

  test('soon after the lock has changed hands looks are close together, and then farther apart', () => {
    const started = agentIn(replica());
    let { state } = happens(started, view(started, { lock: lockOf('c') }));
    const gaps: number[] = [];
    for (let count = 0; count < 14; count += 1) {
      const now = state.lookAt ?? state.now;
      const looked = happens({ ...state, now }, look({ ...state, now }));
      gaps.push((effectsOf(looked, 'look-at')[0]?.at ?? 0) - looked.state.now);
      ({ state } = looked);
    }

    expect(gaps[0]).toBeLessThanOrEqual(101);
    expect(gaps).toEqual(gaps.toSorted((a, b) => a - b));
    expect(gaps.at(-1)).toBe(2_500);
  });

  test('a look that was asked for and never came is asked for again', () => {
    const { state } = happens(settled(quietLeader()), { kind: 'timer', name: 'loop' });
    const loop = { kind: 'timer', name: 'loop' } as const;

    expect(effectsOf(happens(state, loop, seconds(5)), 'look-at')).toEqual([]);
    expect(effectsOf(happens(state, loop, seconds(10)), 'look-at')).toHaveLength(1);
  });

  test('what is due is decided in any step, before the timer for it is set anew', () => {
    const { state } = happens(settled(quietLeader()), { kind: 'timer', name: 'loop' });
    const wake = state.timers.wake ?? state.now;
    const late = happens(state, look(state), millis(wake - state.now));

    expect(late.state.decision.rule).toBe('lease-running-out');
  });

  test('a lock that is not proven is not waited for beyond its time, whatever else is (seed 30021529)', () => {
    const shuttingDown = leader({
      lock: { kind: 'not-held' },
      server: { kind: 'rejecting' },
      memory: { acquired: null, unprovenSince: earlier(NOW, seconds(9)) },
      view: { lock: null },
    });
    const { state } = happens(agentIn(shuttingDown), { kind: 'timer', name: 'loop' });
    expect(state.decision.rule).toBe('still-starting');
    expect(state.timers.wake).toBe(later(NOW, seconds(1)));

    const woken = happens(state, { kind: 'timer', name: 'wake' }, millis(later(NOW, seconds(1)) - state.now));
    expect(woken.state.decision.rule).toBe('store-lost-primary');
  });

  test('in a race the next look does not wait for one that was planned in peace', () => {
    const replicas = happens(agentIn(replica()), { kind: 'timer', name: 'loop' }).state;
    const story = happens(replicas, view(replicas, { lock: null }));

    expect(effectsOf(story, 'look-at').map((each) => each.at)).toEqual([later(story.state.now, millis(100))]);
  });

  test('says and writes nothing when nothing has changed', () => {
    let state = settled(quietLeader());
    for (const what of ['look', 'loop', 'look', 'loop'] as const) {
      const story = happens(state, what === 'look' ? look(state) : { kind: 'timer', name: what });
      expect(effectsOf(story, 'log')).toEqual([]);
      expect(effectsOf(story, 'write')).toEqual([]);
      ({ state } = story);
    }
  });

  test('W29: a request in the store is looked into by the very picture that shows it', () => {
    const state = settled(quietLeader());
    const failover = requested();
    const story = happens(state, view(state, { failover, failoverKeyRevision: failover.modRevision }));

    expect(story.state.decision).toMatchObject({ rule: 'switchover-ask', action: { kind: 'ask-peers' } });
  });

  test('tells a change in one line, with the rule’s name', () => {
    const state = settled(quietLeader());
    const story = happens(state, view(state, { lock: lockOf('c') }));

    expect(effectsOf(story, 'log')).toEqual([
      expect.objectContaining({
        level: 'info',
        event: 'decision',
        fields: expect.objectContaining({ rule: 'lock-lost', task: 'stop' }),
      }),
    ]);
  });

  test('wakes itself when an orderly stop would have to begin', () => {
    const story = happens(quietLeader(), { kind: 'timer', name: 'loop' });

    expect(effectsOf(story, 'set-timer').find((each) => each.name === 'wake')?.at).toBe(later(NOW, millis(23_700)));
  });

  test('tells the heartbeat of a new ttl, of a pause and of what a watchdog goes by, and of nothing else', () => {
    const state = quietLeader();
    const config = state.view?.config;
    if (config?.kind !== 'valid') throw new Error('the fixture has a configuration');
    const changed = (change: object) => view(state, { config: { ...config, config: { ...config.config, ...change } } });

    expect(commands(happens(state, changed({ ttl: seconds(40) })))).toContain('configure');
    expect(commands(happens(state, changed({ pause: true })))).toContain('configure');
    expect(commands(happens(state, changed({ loopWait: seconds(5) })))).toContain('configure');
    expect(commands(happens(state, changed({ retryTimeout: seconds(5) })))).not.toContain('configure');
  });
});

describe('while a decision is carried out', () => {
  const racing = () => happens(agentIn(candidate()), { kind: 'timer', name: 'wake' });

  test('the next one waits for its answer', () => {
    const asked = racing();
    expect(commands(asked)).toContain('acquire');

    const story = happens(asked.state, { kind: 'timer', name: 'loop' });
    expect(story.state.decision).toMatchObject({ rule: 'awaiting-answer', facts: { rule: 'campaign' } });
    expect(commands(story)).toEqual([]);
  });

  test('a stop waits for nothing', () => {
    const state = { ...quietLeader(), inFlight: { id: 4, decision: racing().state.decision } };
    const story = happens(state, view(state, { lock: lockOf('c') }));

    expect(effectsOf(story, 'run-task')).toMatchObject([{ task: { kind: 'stop', mode: 'immediate' } }]);
  });

  test('its answer counts before the heartbeat’s report of it', () => {
    const { state } = racing();
    const id = state.inFlight?.id ?? 0;
    const deadline = later(NOW, seconds(30));
    const story = happens(state, {
      kind: 'lock-answered',
      id,
      outcome: { kind: 'held', createRevision: LATER_LOCK, deadline },
    });

    expect(story.state.lease?.lock).toEqual({ kind: 'held', createRevision: LATER_LOCK, deadline });
    expect(story.state.memory.acquired).toMatchObject({ createRevision: LATER_LOCK, how: 'race' });
  });

  test('CC81: a race that was lost ends with leaving whom it followed, to follow the winner', () => {
    const { state } = racing();
    const id = state.inFlight?.id ?? 0;
    const lost = happens(state, { kind: 'lock-answered', id, outcome: { kind: 'lost', why: 'c has it' } });

    const story = happens(lost.state, view(lost.state, { lock: lockOf('c') }));
    expect(story.state.decision).toMatchObject({ rule: 'follow-nobody', facts: { why: 'c leads now' } });
  });

  test('an answer to something else changes nothing', () => {
    const { state } = racing();
    const story = happens(state, { kind: 'lock-answered', id: 999, outcome: { kind: 'lost', why: 'x' } });

    expect(story.state.inFlight).toEqual(state.inFlight);
  });

  test('a lock that a paused PostgreSQL may outlive is released on the evidence for that', () => {
    const foreign = { dynamic: { pause: true }, control: { systemId: systemId('7400000000000000999') } };
    const story = happens(agentIn(leader(foreign)), { kind: 'timer', name: 'loop' });

    expect(commands(story)).toEqual(['stepped', 'disarm', 'release']);
  });

  test('a leaving agent does not end beside its own release', () => {
    const leaving = { leaving: earlier(NOW, seconds(60)), unavailableSince: earlier(NOW, seconds(60)), crash: null };
    const released = happens(agentIn(crashed({ memory: leaving })), { kind: 'timer', name: 'loop' });
    expect(commands(released)).toContain('release');
    const report = released.state.lease;
    if (report === null) throw new Error('the fixture has a lease');

    const story = happens(released.state, { kind: 'lease', report: { ...report, lock: doubtful() } });
    expect(effectsOf(story, 'exit')).toEqual([]);

    const id = released.state.inFlight?.id ?? 0;
    const after = happens(story.state, { kind: 'lock-answered', id, outcome: { kind: 'released' } });
    expect(after.state.decision.rule).toMatch(/^leaving-/);
    expect(after.state.memory.released).toBe(LOCK);
  });
});

describe('what was done to PostgreSQL', () => {
  const running = () => {
    const state = quietLeader();
    return happens(state, view(state, { lock: lockOf('c') })).state;
  };

  test('is looked at before anything else is decided', () => {
    const state = running();
    const ended = happens(state, { kind: 'task-ended', id: state.task?.id ?? 0, outcome: { kind: 'done' } });

    expect(ended.state.decision.rule).toBe('look-first');
    expect(effectsOf(ended, 'look')).toHaveLength(1);
  });

  test('a look that began before shows a PostgreSQL that is no more', () => {
    const state = running();
    const { state: ended } = happens(state, { kind: 'task-ended', id: state.task?.id ?? 0, outcome: { kind: 'done' } });
    const late = happens(ended, look(ended, { observedAt: earlier(ended.now, millis(1)) }));

    expect(late.state.decision.rule).toBe('look-first');
    expect(happens(late.state, look(late.state)).state.decision.rule).not.toBe('look-first');
  });

  test('the end of another task is nobody’s', () => {
    const state = running();

    expect(happens(state, { kind: 'task-ended', id: 999, outcome: { kind: 'done' } }).state.task).toEqual(state.task);
  });
});

describe('read your own writes', () => {
  test('a picture from before a write of mine settles nothing', () => {
    const state = { ...agentIn(candidate()), ownRevision: revision(VIEW_REVISION + 5n) };
    const early = happens(state, view(state, { revision: revision(VIEW_REVISION + 4n) }));
    expect(early.state.decision.rule).toBe('own-writes-unsettled');

    const story = happens(early.state, view(state, { revision: revision(VIEW_REVISION + 5n) }));
    expect(story.state.decision.rule).not.toBe('own-writes-unsettled');
  });

  test('a write that was not answered is perhaps applied, until everything was read once more', () => {
    const { state } = happens(agentIn(candidate()), { kind: 'timer', name: 'wake' });
    const id = state.inFlight?.id ?? 0;
    const story = happens(state, { kind: 'lock-answered', id, outcome: { kind: 'no-answer', why: 'timed out' } });

    expect(effectsOf(story, 'reread-store')).toHaveLength(1);
    expect(story.state.decision.rule).toBe('own-writes-unsettled');
  });

  test('a picture that a newer one has overtaken shows the past', () => {
    const state = quietLeader();
    const story = happens(state, view(state, { revision: revision(VIEW_REVISION - 1n), lock: lockOf('c') }));

    expect(story.state.view).toBe(state.view);
  });
});

describe('upkeep', () => {
  test('CC4: a member key that is missing is written in the very step that sees it', () => {
    const state = agentIn(replica());
    const mine = state.config.name;
    const members = (state.view?.members ?? []).filter((each) => each.name !== mine);
    const story = happens(state, view(state, { members }));

    expect(effectsOf(story, 'write')).toMatchObject([{ write: { key: memberKey(mine), when: [{ kind: 'absent' }] } }]);
  });

  const tidy = () => happens(agentIn(leader()), { kind: 'timer', name: 'loop' });

  test('is begun once, however many steps pass', () => {
    const first = tidy();
    expect(effectsOf(first, 'manage-slots')).toHaveLength(1);
    expect(effectsOf(happens(first.state, { kind: 'timer', name: 'loop' }), 'manage-slots')).toEqual([]);
  });

  test('what could not be done to slots is said once as long as it stays the same', () => {
    const ended = (state: Story['state'], reason: string): Story => {
      const id = [...state.upkeepInFlight].find(([, name]) => name === 'slots')?.[0] ?? 0;
      return happens(state, { kind: 'slots-managed', id, outcome: { kind: 'failed', reason } });
    };
    const said = (story: Story) => effectsOf(story, 'log').filter(({ event }) => event === 'slots-trouble');
    const first = ended(tidy().state, 'no slot is free');
    const again = happens(first.state, { kind: 'timer', name: 'wake' }, seconds(1));

    expect(said(first)).toMatchObject([{ level: 'warn', fields: { reason: 'no slot is free' } }]);
    expect(said(ended(again.state, 'no slot is free'))).toEqual([]);
    expect(said(ended(again.state, 'something else'))).toHaveLength(1);
  });

  test('what could not be done to logical slots rests for a loop: nobody’s stream waits for them', () => {
    const slots = [physicalSlot('b'), physicalSlot('c')];
    const lacking = agentIn(leader({ dynamic: { slots: { cdc: LOGICAL } }, server: primaryAnswer({ slots }) }));
    const begun = happens(lacking, { kind: 'timer', name: 'loop' });
    const [{ id } = { id: 0 }] = effectsOf(begun, 'manage-slots');
    const failed = happens(begun.state, {
      kind: 'slots-managed',
      id,
      outcome: { kind: 'failed', reason: 'no database' },
    });
    const soon = happens(failed.state, { kind: 'timer', name: 'wake' }, seconds(2));

    expect(effectsOf(begun, 'manage-slots')).toMatchObject([{ change: { createLogical: [{ name: 'cdc' }] } }]);
    expect(effectsOf(soon, 'manage-slots')).toEqual([]);
    expect(effectsOf(happens(soon.state, { kind: 'timer', name: 'loop' }, seconds(9)), 'manage-slots')).toHaveLength(1);
  });

  test('slots that are configured and cannot be had are said once', () => {
    const state = agentIn(leader());
    const withSlots = readDynamicConfig({ slots: { 'a-b': null, c: LOGICAL } }).config;
    const config = { kind: 'valid', config: withSlots, modRevision: revision(80n) } as const;
    const told = happens(state, view(state, { config }));
    const said = (story: Story) => effectsOf(story, 'log').filter(({ event }) => event === 'slots-configuration');

    expect(said(told)).toMatchObject([{ level: 'error', fields: { said: expect.stringMatching(/a-b.*; slot c:/) } }]);
    expect(said(happens(told.state, view(told.state, { config })))).toEqual([]);
  });

  test('what failed rests for a moment', () => {
    const { state } = tidy();
    const id = [...state.upkeepInFlight].find(([, name]) => name === 'slots')?.[0] ?? 0;
    const failed = happens(state, {
      kind: 'slots-managed',
      id,
      outcome: { kind: 'failed', reason: 'no slot is free' },
    });

    expect(effectsOf(failed, 'manage-slots')).toEqual([]);
    expect(effectsOf(happens(failed.state, { kind: 'timer', name: 'wake' }, seconds(1)), 'manage-slots')).toHaveLength(
      1,
    );
  });

  test('slots are not judged by a look from while they were being managed, when the agent stood still since', () => {
    const server = primaryAnswer({ slots: [physicalSlot('b'), unusedSlot('c', { isLost: true })] });
    const begun = happens(agentIn(leader({ server })), { kind: 'timer', name: 'loop' });
    const [{ id } = { id: 0 }] = effectsOf(begun, 'manage-slots');
    const early = happens(begun.state, look(begun.state), millis(100));
    const done = happens(early.state, { kind: 'slots-managed', id, outcome: { kind: 'done' } }, millis(100));
    const late = happens(done.state, { kind: 'timer', name: 'loop' }, seconds(10));

    expect(effectsOf(begun, 'manage-slots')).toMatchObject([{ change: { drop: ['c'], create: ['c'] } }]);
    expect(effectsOf(late, 'manage-slots')).toEqual([]);
    const seen = happens(late.state, look(late.state));
    expect(effectsOf(happens(seen.state, { kind: 'timer', name: 'loop' }), 'manage-slots')).toHaveLength(1);
  });

  test('waits while a decision is being carried out', () => {
    const state = { ...agentIn(leader()), inFlight: { id: 3, decision: agentIn(leader()).decision } };

    expect(effectsOf(happens(state, look(state)), 'manage-slots')).toEqual([]);
  });
});

describe('questions', () => {
  test('the leader’s history is asked once at a time', () => {
    const asked = happens(agentIn(stopped()), { kind: 'timer', name: 'loop' });
    expect(effectsOf(asked, 'ask-history')).toHaveLength(1);
    expect(effectsOf(happens(asked.state, { kind: 'timer', name: 'loop' }), 'ask-history')).toEqual([]);
  });

  test('peers are asked all at once, and when they were asked is remembered', () => {
    const state = agentIn(candidate({ peers: [], observation: { peersAskedAt: null }, members: { a: {} } }));
    const story = happens(state, { kind: 'timer', name: 'wake' });

    expect(effectsOf(story, 'ask-peers')[0]?.peers.map((each) => each.member)).toEqual(['a', 'c']);
    expect(story.state.peersAskedAt).toBe(story.state.now);
  });
});

describe('an operator’s request', () => {
  const request = { kind: 'switchover', leader: 'a', candidate: 'c', scheduledAt: null } as const;
  const posted = () => happens(settled(quietLeader()), { kind: 'request', id: 11, request });
  const answered = (story: Story) =>
    happens(story.state, { kind: 'peer-answered', answer: peer('c', { askedAt: story.state.now }) });
  const written = (story: Story) => {
    const [write] = effectsOf(story, 'write');
    return happens(story.state, {
      kind: 'write-answered',
      id: write?.id ?? 0,
      outcome: { kind: 'written', revision: revision(VIEW_REVISION + 3n) },
    });
  };

  test('asks, writes, watches, and is answered by its result', () => {
    const asked = posted();
    expect(effectsOf(asked, 'ask-peers')).toHaveLength(1);
    const writing = answered(asked);
    expect(effectsOf(writing, 'write')).toMatchObject([
      { write: { key: 'failover', action: { value: { json: { leader: 'a', member: 'c' } } } } },
    ]);
    const watching = written(writing);
    expect(effectsOf(watching, 'reply')).toEqual([]);

    const over = view(watching.state, { revision: revision(VIEW_REVISION + 9n), lock: lockOf('c') });
    const story = happens(watching.state, over);
    expect(effectsOf(story, 'reply')).toEqual([
      { kind: 'reply', id: 11, answer: { kind: 'text', status: 200, text: 'Successfully switched over to "c"' } },
    ]);
    expect(story.state.requests).toEqual([]);
  });

  test('is refused when the key could not be written', () => {
    const writing = answered(posted());
    const [write] = effectsOf(writing, 'write');
    const story = happens(writing.state, {
      kind: 'write-answered',
      id: write?.id ?? 0,
      outcome: { kind: 'no-answer', reason: 'timed out' },
    });

    expect(effectsOf(story, 'reply')).toMatchObject([
      { answer: { status: 503, text: 'failed to write failover key into DCS' } },
    ]);
  });

  test('is refused when its candidate does not answer', () => {
    const asked = posted();
    const story = happens(asked.state, { kind: 'peer-answered', answer: silentPeer('c', asked.state.now) });

    expect(effectsOf(story, 'reply')).toMatchObject([{ answer: { status: 412 } }]);
  });

  test('a picture from before it says nothing of it', () => {
    const watching = written(answered(posted()));
    const story = happens(watching.state, view(watching.state, { revision: revision(VIEW_REVISION + 2n) }));

    expect(effectsOf(story, 'reply')).toEqual([]);
  });

  test('is answered at its limit, even when no picture has come since', () => {
    const watching = written(answered(posted()));
    const silent = happens(watching.state, { kind: 'store-silent', reason: 'timed out' });
    const story = happens(silent.state, { kind: 'timer', name: 'loop' }, seconds(21));

    expect(effectsOf(story, 'reply')).toMatchObject([{ id: 11, answer: { status: 503 } }]);
  });

  test('is dropped without an answer while the store is silent', () => {
    const story = happens(agentIn(replica({ store: 'silent' })), { kind: 'request', id: 12, request });

    expect(effectsOf(story, 'reply')).toEqual([{ kind: 'reply', id: 12, answer: { kind: 'drop' } }]);
  });
});
