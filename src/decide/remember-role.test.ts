import { describe, expect, test } from 'vitest';
import { candidate, crashed, formerPrimary, leader, replica, type Situation } from '../../test/support/observations.ts';
import {
  A,
  anyFiles,
  B,
  behind,
  branch,
  C,
  HEAD,
  LATER_LOCK,
  leaseOf,
  NOW,
  peer,
  requested,
  TTL,
  WALL_NOW,
} from '../../test/support/observed-parts.ts';
import { table } from '../../test/support/table.ts';
import type { Decision } from '../domain/decision.ts';
import { latestView } from '../domain/observation.ts';
import type { PostgresTask } from '../domain/task.ts';
import { earlier, millis, seconds } from '../domain/time.ts';
import { conclude } from './conclude.ts';
import { decide } from './decide.ts';
import type { Happening } from './happening.ts';
import { remember } from './remember.ts';
import type { RuleId } from './rules.ts';

const after =
  (happening: Happening) =>
  ({ o, m }: Situation) =>
    remember(m, o, happening);
const task = (rule: RuleId, what: PostgresTask): Decision =>
  conclude(rule, { kind: 'run', task: what }, { told: true });
const ended = (what: Decision) =>
  after({ kind: 'ended', decision: what, end: { kind: 'done', systemId: null, revision: LATER_LOCK } });

describe('how a lock went', () => {
  const members = latestView(leader().o)?.members ?? [];
  const lastHeld = {
    unlockedSince: null,
    lastHolder: { name: A, members, seenAt: earlier(NOW, millis(10)) },
    lockLease: { id: leaseOf('a'), ttl: TTL },
  };
  const seen = (gapless: boolean) => after({ kind: 'view', gapless });

  table(seen(true), replica, [
    ['nothing is said while somebody has it', {}, { lockEnd: null }],
    [
      'with its holder’s member key: the lease that both hang on ended',
      { view: { lock: null }, members: { a: null }, memory: lastHeld },
      { lockEnd: 'lease-ended' },
    ],
    ['without it: it was given up or deleted', { view: { lock: null }, memory: lastHeld }, { lockEnd: 'lock-removed' }],
    [
      'a key under another lease than the lock says nothing of it',
      {
        view: { lock: null },
        members: { a: null },
        memory: { ...lastHeld, lockLease: { id: leaseOf('x'), ttl: TTL } },
      },
      { lockEnd: 'unseen' },
    ],
    [
      'what was seen first stands, also when the key goes later',
      { view: { lock: null }, members: { a: null }, memory: { ...lastHeld, lockEnd: 'lock-removed' } },
      { lockEnd: 'lock-removed' },
    ],
  ]);
  table(seen(false), replica, [
    [
      'with pictures missing in between nobody knows',
      { view: { lock: null }, memory: lastHeld },
      { lockEnd: 'unseen' },
    ],
  ]);
});

describe('the length of the lease that the lock is under', () => {
  const seen = after({ kind: 'view', gapless: true });
  const short = seconds(5);

  table(seen, replica, [
    ['is the ttl in force when it is first seen', {}, { lockLease: { id: leaseOf('a'), ttl: TTL }, longestTtl: TTL }],
    [
      'it may be longer than what the ttl was shortened to since',
      { dynamic: { ttl: 5 }, memory: { lockLease: { id: leaseOf('a'), ttl: TTL }, longestTtl: TTL } },
      { longestTtl: TTL },
    ],
    [
      'but not under a new lease',
      { dynamic: { ttl: 5 }, memory: { lockLease: { id: leaseOf('x'), ttl: TTL }, longestTtl: TTL } },
      { longestTtl: short },
    ],
    [
      'is not known before there is a configuration: each goes by its own file (seed 10000806)',
      { view: { config: { kind: 'absent' } } },
      { lockLease: { id: leaseOf('a'), ttl: millis(0) } },
    ],
    [
      'a longer ttl does not make it longer',
      { memory: { lockLease: { id: leaseOf('a'), ttl: short } } },
      { lockLease: { id: leaseOf('a'), ttl: short } },
    ],
    [
      'a new lease is as long as the ttl says then',
      { memory: { lockLease: { id: leaseOf('x'), ttl: short } } },
      { lockLease: { id: leaseOf('a'), ttl: TTL } },
    ],
    [
      'it is remembered when nobody has the lock',
      { view: { lock: null }, memory: { lockLease: { id: leaseOf('a'), ttl: short } } },
      { lockLease: { id: leaseOf('a'), ttl: short } },
    ],
  ]);
});

describe('what is kept of reaching for the lock', () => {
  /** `b` takes the lock that `a` lost with its lease 300 ms ago. */
  const takes = (difference: Parameters<typeof candidate>[0] = {}) => {
    const memory = {
      unlockedSince: earlier(NOW, millis(300)),
      lockEnd: 'lease-ended',
      lockLease: { id: leaseOf('a'), ttl: TTL },
      lastHolder: { name: A, members: latestView(leader().o)?.members ?? [], seenAt: NOW },
    } as const;
    const situation = candidate({ ...difference, memory: { ...memory, ...difference.memory } });
    const decision = decide(situation.o, situation.m);
    return { decision, race: remember(situation.m, situation.o, { kind: 'started', decision }).race };
  };

  test('the rule, how long nobody led, and how long before the lease was last renewed', () => {
    const { race } = takes();

    expect(race).toMatchObject({ outcome: 'not-answered', rule: 'campaign', at: WALL_NOW, unledFor: 300 });
    expect(race).toMatchObject({ former: { name: 'a', end: 'lease-ended' }, renewedBefore: TTL + 300 });
  });

  test('a lock that was given up says nothing of renewals', () => {
    expect(takes({ memory: { lockEnd: 'lock-removed' } }).race).toMatchObject({ unledFor: 300, renewedBefore: null });
  });

  test('nor does one under a lease of which nobody saw how long it was', () => {
    const lockLease = { id: leaseOf('a'), ttl: millis(0) };
    expect(takes({ memory: { lockLease } }).race).toMatchObject({ unledFor: 300, renewedBefore: null });
  });

  test('who else was there, where they were and why they lost', () => {
    const { race } = takes({ peers: [peer('c', { position: behind(100n) })] });

    expect(race?.own).toEqual({ name: B, timeline: branch(3), position: HEAD });
    expect(race?.others).toEqual([
      { name: A, timeline: null, position: null, because: 'not asked: its lease had ended' },
      { name: C, timeline: branch(3), position: behind(100n), because: 'is 100 bytes behind' },
    ]);
  });

  test('whom a switchover names is compared with nobody', () => {
    const { race } = takes({ view: { failover: requested({ candidate: B }) }, memory: { lockEnd: 'lock-removed' } });

    expect(race?.others.map(({ name, because }) => [name, because])).toEqual([
      ['a', 'the switchover leads away from it'],
      ['c', 'the request names b'],
    ]);
  });

  test('it is won when the store says so, and failed when it says otherwise', () => {
    const { decision, race } = takes();
    const { o, m } = candidate({ memory: { race } });
    const end = (how: Parameters<typeof remember>[2]) => remember(m, o, how).race?.outcome;

    expect(end({ kind: 'ended', decision, end: { kind: 'done', systemId: null, revision: LATER_LOCK } })).toBe('won');
    expect(end({ kind: 'ended', decision, end: { kind: 'failed', reason: 'conflict' } })).toBe('failed');
  });
});

describe('the last change of role', () => {
  const promote = task('promote', { kind: 'promote', safety: millis(1) });
  const start = task('restart-same-reign', { kind: 'start', desired: anyFiles, timeout: millis(1) });
  const stop = task('lease-running-out', { kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: null });
  const demoted = { to: 'demoted', rule: stop.rule, at: WALL_NOW, facts: {} } as const;

  table(ended(promote), candidate, [
    ['a promotion', {}, { roleChange: { to: 'primary', rule: 'promote', at: WALL_NOW, facts: { told: true } } }],
  ]);
  table(ended(start), formerPrimary, [
    ['a start as primary after a stop', { memory: { roleChange: demoted } }, { roleChange: { to: 'primary' } }],
  ]);
  table(after({ kind: 'started', decision: stop }), leader, [
    ['a primary that is stopped', {}, { roleChange: { to: 'demoted', rule: 'lease-running-out' } }],
  ]);

  test('a primary that crashed and is started again has not changed', () => {
    const before = { to: 'primary', rule: promote.rule, at: WALL_NOW, facts: {} } as const;

    expect(ended(start)(crashed({ memory: { roleChange: before } })).roleChange).toBe(before);
  });

  test('a replica that is stopped was none before', () => {
    expect(after({ kind: 'started', decision: stop })(replica()).roleChange).toBeNull();
  });

  test('a task that failed changed nothing', () => {
    const failed = after({ kind: 'ended', decision: promote, end: { kind: 'failed', reason: 'it broke' } });

    expect(failed(candidate()).roleChange).toBeNull();
  });
});
