import { describe, expect, test } from 'vitest';
import { HeartbeatRig, OTHER, SELF, TTL } from '../../test/support/heartbeat-rig.ts';
import { FAST_STOP_LEAD } from '../domain/fencing.ts';
import { leaseId, memberKey, revision } from '../domain/names.ts';
import { renewalInterval } from '../domain/renewal-interval.ts';
import { earlier, instant, later, millis, seconds } from '../domain/time.ts';
import { leaseFact } from './publish.ts';

describe('acquiring the lock', () => {
  test('the guardian is armed before the lock is created', () => {
    const rig = HeartbeatRig.holding();

    const order = rig.effects.filter((each) => each.kind === 'write' || isArm(each)).map((each) => each.kind);
    expect(order).toEqual(['tell-guardian', 'write', 'tell-guardian']);
  });

  test('an acquired lock is held until the ttl after the keep-alive that proved it was sent', () => {
    const rig = HeartbeatRig.configured();
    const sentAt = rig.now;
    const id = rig.command({ kind: 'acquire' });

    const createRevision = rig.store.lock!.createRevision;
    expect(rig.outcomeOf(id)).toEqual({ kind: 'held', createRevision, deadline: later(sentAt, TTL) });
    expect(rig.lock).toEqual({ kind: 'held', createRevision, deadline: later(sentAt, TTL) });
  });

  test('without a guardian nothing is created, and the command is refused in time', () => {
    const rig = HeartbeatRig.configured();
    rig.guardian.mode = 'missing';
    rig.guardianSays({ kind: 'lost', reason: 'killed' });
    const id = rig.command({ kind: 'acquire' });
    rig.pass(TTL);

    expect(rig.outcomeOf(id)?.kind).toBe('refused');
    expect(rig.sent('write')).toBe(0);
  });

  test('a guardian whose deadline has passed guards nothing until it has fenced: nothing is created before', () => {
    const rig = HeartbeatRig.configured();
    rig.guardian.armedUntil = earlier(rig.now, millis(1));
    rig.guardianSays({ kind: 'lost', reason: 'it was hung, and another connection found it' });
    const deadline = rig.guardian.armedUntil;
    rig.command({ kind: 'acquire' });
    expect(rig.sent('write')).toBe(0);

    rig.guardian.armedUntil = null;
    rig.guardianSays({ kind: 'fencing', step: 'fenced', deadline });
    expect(rig.lock?.kind).toBe('held');
    expect(rig.guardian.armedUntil).toBe(rig.deadline);
  });

  test('CC81: a lock that somebody else holds is lost, and the guardian rests again', () => {
    const rig = HeartbeatRig.configured();
    rig.store.takenBy(OTHER);
    const id = rig.command({ kind: 'acquire' });

    expect(rig.outcomeOf(id)?.kind).toBe('lost');
    expect(rig.guardian.armedUntil).toBeNull();
    expect(rig.lock).toEqual({ kind: 'not-held' });
  });

  test('C-31: a create whose answer was lost is settled by the read', () => {
    const rig = HeartbeatRig.configured();
    rig.store.mode = 'held-back';
    const id = rig.command({ kind: 'acquire' });
    const { request, sentAt } = rig.waiting.pop()!;
    rig.store.answer(request, sentAt, rig.now);
    rig.store.mode = 'answers';
    rig.happen({ kind: 'written', id: request.id, sentAt, outcome: { kind: 'no-answer', reason: 'lost' } });

    expect(rig.outcomeOf(id)).toMatchObject({ kind: 'held', createRevision: rig.store.lock!.createRevision });
  });

  test('a create that was perhaps not applied is not called lost', () => {
    const rig = HeartbeatRig.configured();
    rig.store.mode = 'held-back';
    const id = rig.command({ kind: 'acquire' });
    const { request, sentAt } = rig.waiting.pop()!;
    rig.store.mode = 'answers';
    rig.happen({ kind: 'written', id: request.id, sentAt, outcome: { kind: 'no-answer', reason: 'lost' } });

    expect(rig.outcomeOf(id)?.kind).toBe('no-answer');
    expect(rig.lock).toEqual({ kind: 'not-held' });
  });

  test('a lease that vanishes before the create is replaced, and the lock is created under the new one (C-26)', () => {
    const rig = HeartbeatRig.configured();
    rig.store.leases.clear();
    const id = rig.command({ kind: 'acquire' });

    expect(rig.outcomeOf(id)?.kind).toBe('held');
    expect(rig.store.lock?.lease).toBe(leaseId('2'));
  });

  test('the keep-alive that serves as a proof is not one that was answered in another term of the store', () => {
    const rig = HeartbeatRig.configured();
    rig.store.mode = 'held-back';
    rig.command({ kind: 'acquire' });
    rig.answerWaiting(); // the create
    rig.answerWaiting(); // the keep-alive
    rig.store.term += 1n;
    rig.answerWaiting(); // the read

    expect(rig.lock).toEqual({ kind: 'not-held' });
    rig.store.mode = 'answers';
    rig.pass(500);
    expect(rig.lock?.kind).toBe('held');
  });

  test('one thing is done to the lock at a time', () => {
    const rig = HeartbeatRig.configured();
    rig.store.mode = 'held-back';
    rig.command({ kind: 'acquire' });
    const second = rig.command({ kind: 'acquire' });

    expect(rig.outcomeOf(second)?.kind).toBe('refused');
  });
});

describe('adopting my own lock after a restart', () => {
  function restarted(): { readonly before: HeartbeatRig; readonly rig: HeartbeatRig } {
    const before = HeartbeatRig.holding();
    const rig = new HeartbeatRig();
    rig.now = later(before.now, millis(300));
    rig.store.lock = { ...before.store.lock!, lease: leaseId('before') };
    rig.guardian.armedUntil = before.guardian.armedUntil;
    rig.happen({ kind: 'started' });
    rig.command({ kind: 'configure', ttl: TTL, steppedWithin: TTL, paused: false });
    return { before, rig };
  }

  test('a guardian that was armed before stays armed with its deadline until the lock is proven', () => {
    const { before, rig } = restarted();
    rig.store.mode = 'held-back';
    rig.adopt();

    expect(rig.guardian.heard).toEqual([]);
    expect(rig.guardian.armedUntil).toBe(before.deadline);
    expect(rig.waiting.map((each) => each.request.kind)).toEqual(['write']);
  });

  test('the lock moves to the new lease and is held on', () => {
    const { rig } = restarted();
    const { createRevision } = rig.store.lock!;
    const id = rig.adopt();

    expect(rig.outcomeOf(id)).toMatchObject({ kind: 'held', createRevision });
    expect(rig.store.lock?.lease).toBe(leaseId('1'));
    expect(rig.guardian.armedUntil).toBe(rig.deadline);
  });

  test('another creation than the one decided about is not adopted', () => {
    const { rig } = restarted();
    const id = rig.adopt({ createRevision: revision(1n) });

    expect(rig.outcomeOf(id)?.kind).toBe('lost');
    expect(rig.store.lock?.lease).toBe(leaseId('before'));
  });
});

describe('a deadline that an earlier agent armed', () => {
  test('stands when the lock is sought in vain, also where the search began before its guardian said so', () => {
    const rig = new HeartbeatRig();
    const left = later(rig.now, seconds(4));
    rig.guardian.armedUntil = left;
    rig.guardian.mode = 'slow';
    rig.store.takenBy(SELF);
    rig.happen({ kind: 'started' });
    rig.command({ kind: 'configure', ttl: TTL, steppedWithin: TTL, paused: false });
    const id = rig.adopt();
    rig.store.mode = 'held-back';
    for (const report of rig.guardian.connect()) rig.guardianSays(report);
    rig.loseOldest('never-saw-it');
    rig.store.mode = 'answers';
    rig.answerWaiting();

    expect(rig.outcomeOf(id)?.kind).not.toBe('held');
    expect(rig.guardian.armedUntil).not.toBeNull();
  });
});

describe('renewing', () => {
  test('each renewal moves the deadline, and the guardian is told the new one', () => {
    const rig = HeartbeatRig.holding();
    const first = rig.deadline;
    rig.pass(renewalInterval(TTL) * 3);

    expect(rig.deadline).toBeGreaterThanOrEqual(later(first, millis(renewalInterval(TTL) * 3)));
    expect(rig.guardian.armedUntil).toBe(rig.deadline);
  });

  test('C-20: a renewal changes no key of the store', () => {
    const rig = HeartbeatRig.holding();
    const [before, writes] = [rig.store.lock, rig.sent('write')];
    rig.pass(renewalInterval(TTL) * 3);

    expect(rig.lock?.kind).toBe('held');
    expect(rig.sent('write')).toBe(writes);
    expect(rig.store.lock).toEqual(before);
  });

  test('the ttl that counts is the one that the store answers', () => {
    const rig = new HeartbeatRig();
    rig.store.grantedTtl = seconds(4);
    rig.happen({ kind: 'started' });
    rig.command({ kind: 'configure', ttl: TTL, steppedWithin: TTL, paused: false });
    rig.command({ kind: 'acquire' });

    expect(rig.deadline).toBe(later(rig.now, seconds(4)));
    expect(rig.reports.at(-1)?.lease?.grantedTtl).toBe(seconds(4));
  });

  test('a keep-alive alone moves no deadline', () => {
    const rig = HeartbeatRig.holding();
    const before = rig.deadline;
    rig.store.mode = 'held-back';
    rig.pass(renewalInterval(TTL));
    rig.answerWaiting(); // the keep-alive; the read that follows waits

    expect(rig.waiting.map((each) => each.request.kind)).toEqual(['read-lock']);
    expect(rig.deadline).toBe(before);
  });

  test('a lease without a lock is kept alive, and nothing is read', () => {
    const rig = HeartbeatRig.configured();
    rig.pass(TTL * 4);

    expect(rig.store.leases.size).toBe(1);
    expect(rig.sent('read-lock')).toBe(0);
    expect(rig.sent('keep-alive')).toBeGreaterThanOrEqual(11); // Three in a ttl.
  });

  test('what the agent knows of a lease without a lock never runs out while it lives', () => {
    const rig = HeartbeatRig.configured();
    for (let beat = 0; beat < 40; beat += 1) {
      rig.pass(300);
      expect(rig.reports.at(-1)!.lease!.aliveUntil).toBeGreaterThan(rig.now);
    }
    expect(rig.reports.length).toBeLessThan(12);
  });

  test('a request without an answer is repeated at once, on another endpoint', () => {
    const rig = HeartbeatRig.holding();
    rig.store.mode = 'fails';
    rig.pass(renewalInterval(TTL) + 200);

    expect(rig.sent('keep-alive')).toBeGreaterThanOrEqual(3);
    expect(rig.effects.filter((each) => each.kind === 'switch-endpoint').length).toBeGreaterThanOrEqual(3);
    expect(rig.reports.at(-1)?.storeTrouble).toBe('cut');
  });

  test('W6: a store that refuses takes no lock away: the deadline stands, and a store that answers again renews it', () => {
    const rig = HeartbeatRig.holding();
    const before = rig.lock;
    rig.store.mode = 'held-back';
    rig.pass(renewalInterval(TTL));
    const { request, sentAt } = rig.waiting.pop()!;
    rig.store.mode = 'answers';
    const outcome = { kind: 'refused', reason: 'no space' } as const;
    rig.happen({ kind: 'kept-alive', id: request.id, sentAt, outcome });

    expect(rig.reports.at(-1)).toMatchObject({ lock: before, storeTrouble: 'refused: no space' });
    rig.pass(TTL * 2);
    expect(rig.lock?.kind).toBe('held');
  });

  test('a dead store is not hammered', () => {
    const rig = HeartbeatRig.configured();
    rig.store.mode = 'fails';
    rig.pass(60_000);

    expect(rig.sent('keep-alive')).toBeLessThan(140);
  });

  test('one keep-alive is under way at a time', () => {
    const rig = HeartbeatRig.holding();
    rig.store.mode = 'held-back';
    rig.pass(TTL);

    expect(rig.waiting.filter((each) => each.request.kind === 'keep-alive')).toHaveLength(1);
  });
});

describe('losing the lock', () => {
  const showsSomethingElse: readonly (readonly [string, (rig: HeartbeatRig) => void])[] = [
    ['another holder', (rig) => rig.store.takenBy(OTHER)],
    ['no lock', (rig) => void (rig.store.lock = null)],
    ['another lease', (rig) => void (rig.store.lock = { ...rig.store.lock!, lease: leaseId('x') })],
    [
      'another creation',
      (rig) => void (rig.store.lock = { ...rig.store.lock!, createRevision: rig.store.nextRevision() }),
    ],
  ];
  for (const [what, change] of showsSomethingElse) {
    test(`a read that shows ${what} ends the extending; the deadline stands`, () => {
      const rig = HeartbeatRig.holding();
      const before = rig.deadline;
      rig.store.leases.set(leaseId('x'), { until: later(rig.now, seconds(60)), ttl: TTL });
      change(rig);
      rig.pass(renewalInterval(TTL) * 2);

      expect(rig.lock).toMatchObject({ kind: 'doubtful', deadline: before });
      expect(rig.guardian.armedUntil).toBe(before);
    });
  }

  test('C-22: a lease that is gone is replaced, and the lock is in doubt until the agent adopts or acquires it', () => {
    const rig = HeartbeatRig.holding();
    rig.store.leases.clear();
    rig.store.lock = null;
    rig.pass(renewalInterval(TTL) * 2);

    expect(rig.lock?.kind).toBe('doubtful');
    expect(rig.reports.at(-1)?.lease?.id).toBe(leaseId('2'));
    const id = rig.command({ kind: 'acquire' });
    expect(rig.outcomeOf(id)?.kind).toBe('held');
  });

  test('no lock is written on the word of a guardian that was told to rest since', () => {
    const rig = HeartbeatRig.configured();
    rig.store.mode = 'held-back';
    const never = rig.store.nextRevision();
    rig.command({ kind: 'adopt', createRevision: never, modRevision: never });
    rig.answerWaiting(); // the write, a conflict
    rig.answerWaiting(); // the keep-alive
    expect(rig.guardian.armedUntil).not.toBeNull();
    rig.guardian.mode = 'hung';
    rig.answerWaiting(); // the read: there is no lock, and the guardian may rest
    rig.command({ kind: 'acquire' });

    expect(rig.waiting.filter((each) => each.request.kind === 'write')).toEqual([]);
    rig.guardian.mode = 'lives';
    rig.pass(1_000);
    expect(rig.guardian.armedUntil).not.toBeNull();
    expect(rig.waiting.filter((each) => each.request.kind === 'write')).toHaveLength(1);
  });

  test('a lock in doubt that is created again does not move the old deadline before it is proven', () => {
    const rig = HeartbeatRig.holding();
    const before = rig.deadline;
    rig.store.lock = null;
    rig.pass(renewalInterval(TTL) * 2);
    rig.store.mode = 'held-back';
    rig.command({ kind: 'acquire' });

    expect(rig.waiting.some((each) => each.request.kind === 'write')).toBe(true);
    expect(rig.guardian.armedUntil).toBe(before);
  });

  test('a deadline that passes without a proof is in doubt, and the next proof settles it', () => {
    const rig = HeartbeatRig.holding();
    // An election of the store extends every lease.
    rig.store.leases.set(leaseId('1'), { until: later(rig.now, millis(TTL * 3)), ttl: TTL });
    rig.store.mode = 'fails';
    rig.pass(TTL);
    expect(rig.lock?.kind).toBe('doubtful');

    rig.store.mode = 'answers';
    rig.pass(1_000);
    expect(rig.lock?.kind).toBe('held');
  });

  test('a suspension of the machine voids every proof until the next one', () => {
    const rig = HeartbeatRig.holding();
    const before = rig.deadline;
    rig.store.mode = 'held-back';
    rig.pass(renewalInterval(TTL));
    rig.happen({ kind: 'suspended' });
    rig.answerWaiting(); // a keep-alive from before

    expect(rig.lock).toMatchObject({ kind: 'doubtful', deadline: before });
    expect(leaseFact(rig.state, rig.now).deadline).toBeNull();
    rig.store.mode = 'answers';
    rig.answerWaiting();
    expect(rig.deadline).toBeGreaterThan(before);
  });

  test('a wedged agent loses its lease', () => {
    const rig = HeartbeatRig.holding();
    rig.pass(TTL * 3, 'wedged');

    expect(rig.lock?.kind).toBe('doubtful');
    expect(rig.store.leases.size).toBe(0);
  });

  test('and asks for no other one', () => {
    const rig = new HeartbeatRig();
    rig.store.mode = 'fails';
    rig.happen({ kind: 'started' });
    rig.command({ kind: 'configure', ttl: TTL, steppedWithin: TTL, paused: false });
    rig.pass(TTL * 2, 'wedged');
    rig.store.mode = 'answers';
    rig.pass(TTL, 'wedged');
    expect(rig.store.leases.size).toBe(0);

    rig.pass(TTL);
    expect(rig.store.leases.size).toBe(1);
  });

  test('an agent that steps again in time goes on', () => {
    const rig = HeartbeatRig.holding();
    rig.pass(TTL + 500, 'wedged');
    rig.pass(TTL * 2);

    expect(rig.lock?.kind).toBe('held');
  });
});

describe('the guardian', () => {
  test('one that dies is replaced at once and armed with the deadline in force', () => {
    const rig = HeartbeatRig.holding();
    rig.guardian.armedUntil = null;
    rig.guardianSays({ kind: 'lost', reason: 'killed' });

    expect(rig.guardian.armedUntil).toBe(rig.deadline);
    expect(leaseFact(rig.state, rig.now).guardianReady).toBe(true);
  });

  test('a promotion goes by what it has confirmed, not by what it was told last (seed 407365)', () => {
    const rig = HeartbeatRig.holding();
    const confirmed = rig.deadline;
    rig.guardian.mode = 'hung';
    rig.pass(renewalInterval(TTL) + 100);

    expect(rig.deadline).toBeGreaterThan(confirmed);
    expect(leaseFact(rig.state, rig.now)).toEqual({ deadline: confirmed, guardianReady: true });
  });

  test('one that hangs is replaced', () => {
    const rig = HeartbeatRig.holding();
    rig.guardian.mode = 'hung';
    rig.pass(renewalInterval(TTL) * 3);

    expect(rig.effects.filter((each) => each.kind === 'connect-guardian')).toHaveLength(2);
    expect(rig.lock?.kind).toBe('held');
    expect(rig.guardian.armedUntil).toBe(rig.deadline);
  });

  test('without one nothing is extended, the agent is told in time to stop in order, and the lease runs out', () => {
    const rig = HeartbeatRig.holding();
    rig.pass(renewalInterval(TTL) * 2);
    const before = rig.deadline;
    rig.guardian.mode = 'missing';
    rig.guardianSays({ kind: 'lost', reason: 'killed' });
    expect(leaseFact(rig.state, rig.now).guardianReady).toBe(false);
    expect(rig.reports.at(-1)?.guardian).toBe('ready');
    rig.pass(renewalInterval(TTL) * 2);

    expect(rig.reports.find((each) => each.guardian === 'absent' && each.lock.kind === 'held')!.at).toBeLessThan(
      before - FAST_STOP_LEAD,
    );
    expect(rig.deadline).toBe(before);
    rig.pass(TTL);
    expect(rig.store.leases.size).toBe(0);
  });

  test('a new agent leaves a guardian as it finds it', () => {
    const rig = new HeartbeatRig();
    rig.guardian.armedUntil = instant(103_000);
    rig.happen({ kind: 'started' });
    rig.command({ kind: 'configure', ttl: TTL, steppedWithin: TTL, paused: false });
    rig.pass(1_000);

    expect(rig.guardian.armedUntil).toBe(instant(103_000));
    expect(rig.guardian.heard.some((each) => each.kind === 'arm' || each.kind === 'disarm')).toBe(false);
  });

  test('a guardian that dies after a new agent found it armed is replaced by one with the same deadline', () => {
    const rig = new HeartbeatRig();
    rig.store.mode = 'fails';
    rig.guardian.armedUntil = instant(103_000);
    rig.happen({ kind: 'started' });
    rig.command({ kind: 'configure', ttl: TTL, steppedWithin: TTL, paused: false });
    rig.guardian.armedUntil = null;
    rig.guardianSays({ kind: 'lost', reason: 'killed' });

    expect(rig.guardian.armedUntil).toBe(instant(103_000));
  });

  test('CC171: paused it rests, and the lock is extended all the same; afterwards it is armed again', () => {
    const rig = HeartbeatRig.holding();
    rig.command({ kind: 'configure', ttl: TTL, steppedWithin: TTL, paused: true });
    rig.pass(TTL * 3);
    expect(rig.guardian.armedUntil).toBeNull();
    expect(rig.deadline).toBeGreaterThan(rig.now);

    rig.command({ kind: 'configure', ttl: TTL, steppedWithin: TTL, paused: false });
    expect(rig.guardian.armedUntil).toBe(rig.deadline);
  });

  test('disarmed on evidence, it is armed again only with a lock that is taken again', () => {
    const rig = HeartbeatRig.holding();
    rig.command({ kind: 'disarm', evidence: 'stopped' });
    rig.pass(TTL);

    expect(rig.guardian.armedUntil).toBeNull();
    expect(rig.lock?.kind).toBe('not-held');
    rig.adopt();
    expect(rig.guardian.armedUntil).toBe(rig.deadline);
  });

  test('nor by the end of a pause', () => {
    const rig = HeartbeatRig.holding();
    rig.store.takenBy(OTHER);
    rig.command({ kind: 'disarm', evidence: 'stopped' });
    rig.pass(TTL);
    rig.command({ kind: 'configure', ttl: TTL, steppedWithin: TTL, paused: true });
    rig.command({ kind: 'configure', ttl: TTL, steppedWithin: TTL, paused: false });

    expect(rig.guardian.armedUntil).toBeNull();
  });

  test('nor once another cluster is followed no more', () => {
    const rig = HeartbeatRig.holding();
    rig.command({ kind: 'configure', ttl: TTL, steppedWithin: TTL, paused: false, cannotWrite: true });
    rig.store.takenBy(OTHER);
    rig.pass(TTL);
    rig.command({ kind: 'disarm', evidence: 'a standby' });
    rig.command({ kind: 'configure', ttl: TTL, steppedWithin: TTL, paused: false });

    expect(rig.guardian.armedUntil).toBeNull();
  });

  test('disarmed while the lock moves to another lease it rests', () => {
    const rig = HeartbeatRig.holding();
    rig.store.mode = 'held-back';
    rig.command({ kind: 'configure', ttl: seconds(30), steppedWithin: seconds(30), paused: false });
    rig.answerWaiting(); // the grant; now the move waits
    rig.command({ kind: 'disarm', evidence: 'a standby' });

    expect(rig.guardian.armedUntil).toBeNull();
    expect(rig.lock?.kind).toBe('not-held');
    rig.store.mode = 'answers';
    rig.answerWaiting();
    rig.pass(seconds(30));
    expect(rig.guardian.armedUntil).toBeNull();
    rig.adopt();
    expect(rig.guardian.armedUntil).toBe(rig.deadline);
  });

  test('a proof that comes after it has fenced arms it, and the next one counts (seed 407365)', () => {
    const rig = HeartbeatRig.holding();
    const before = rig.deadline;
    rig.store.mode = 'held-back';
    rig.pass(TTL - 200);
    rig.guardian.armedUntil = null;
    rig.guardianSays({ kind: 'fencing', step: 'fenced', deadline: before });
    rig.guardian.mode = 'hung';
    rig.store.leases.set(leaseId('1'), { until: later(rig.now, millis(TTL * 3)), ttl: TTL });
    for (const _ of ['the keep-alive', 'the read']) rig.answerWaiting();

    expect(rig.guardian.heard.at(-1)?.kind).toBe('arm');
    expect(rig.lock).toMatchObject({ kind: 'held', deadline: before });
    rig.store.mode = 'answers';
    rig.answerWaiting();
    rig.pass(3_000); // It is replaced.
    expect(rig.deadline).toBeGreaterThan(rig.now);
    expect(rig.guardian.armedUntil).toBe(rig.deadline);
  });

  test('what it fenced is not armed again; it is ready for the next lock', () => {
    const rig = HeartbeatRig.holding();
    rig.store.mode = 'fails';
    rig.pass(TTL);
    rig.guardian.armedUntil = null;
    const deadline = rig.lock?.kind === 'doubtful' ? rig.lock.deadline : instant(0);
    rig.guardianSays({ kind: 'fencing', step: 'fenced', deadline });

    expect(leaseFact(rig.state, rig.now).guardianReady).toBe(true);
  });
});

describe('releasing the lock', () => {
  const status = {
    key: memberKey(SELF),
    action: { kind: 'put', value: { kind: 'text', text: '1' }, lease: null },
    when: [],
  } as const;

  test('nothing extended, PostgreSQL gone, status written, lock deleted, guardian at rest: in this order', () => {
    const rig = HeartbeatRig.holding();
    rig.effects.length = 0;
    const id = rig.command({ kind: 'release', createRevision: rig.store.lock!.createRevision, status });

    const steps = rig.effects.flatMap((each) => {
      if (each.kind === 'tell-guardian') return each.message.kind;
      return each.kind === 'write' ? `${each.write.action.kind} ${each.write.key}` : [];
    });
    expect(steps).toEqual(['confirm-quiet', 'put members/a', 'delete leader', 'disarm']);
    expect(rig.outcomeOf(id)).toEqual({ kind: 'released' });
    expect(rig.lock).toEqual({ kind: 'not-held' });
    expect(rig.store.lock).toBeNull();
  });

  test('while a process of PostgreSQL is left it is refused, and nothing is extended', () => {
    const rig = HeartbeatRig.holding();
    const before = rig.deadline;
    rig.guardian.processCount = 3;
    const id = rig.command({ kind: 'release', createRevision: rig.store.lock!.createRevision, status: null });
    rig.pass(renewalInterval(TTL) * 2);

    expect(rig.outcomeOf(id)?.kind).toBe('refused');
    expect(rig.lock).toMatchObject({ kind: 'doubtful', deadline: before });
    expect(rig.store.lock?.holder).toBe(SELF);
  });

  test('with evidence that PostgreSQL is a standby, a running PostgreSQL does not matter', () => {
    const rig = HeartbeatRig.holding();
    rig.guardian.processCount = 3;
    rig.command({ kind: 'disarm', evidence: 'a standby' });
    const id = rig.command({ kind: 'release', createRevision: rig.store.lock!.createRevision, status: null });

    expect(rig.outcomeOf(id)).toEqual({ kind: 'released' });
  });

  test('another creation of the lock is left alone', () => {
    const rig = HeartbeatRig.holding();
    const { createRevision } = rig.store.lock!;
    rig.store.takenBy(OTHER);
    const id = rig.command({ kind: 'release', createRevision, status: null });

    expect(rig.outcomeOf(id)?.kind).toBe('lost');
    expect(rig.store.lock?.holder).toBe(OTHER);
  });

  test('a status without an answer is repeated before the lock is deleted', () => {
    const rig = HeartbeatRig.holding();
    rig.store.mode = 'held-back';
    rig.command({ kind: 'release', createRevision: rig.store.lock!.createRevision, status });
    const lost = rig.waiting.pop()!;
    rig.happen({
      kind: 'written',
      id: lost.request.id,
      sentAt: lost.sentAt,
      outcome: { kind: 'no-answer', reason: 'lost' },
    });
    rig.store.mode = 'answers';
    rig.answerWaiting();

    const writes = rig.effects.flatMap((each) =>
      each.kind === 'write' ? [`${each.write.action.kind} ${each.write.key}`] : [],
    );
    expect(writes.slice(-3)).toEqual(['put members/a', 'put members/a', 'delete leader']);
  });

  test('a status that is never answered keeps the lock from being given up', () => {
    const rig = HeartbeatRig.holding();
    rig.store.mode = 'fails';
    const id = rig.command({ kind: 'release', createRevision: rig.store.lock!.createRevision, status });
    rig.pass(TTL);

    expect(rig.outcomeOf(id)?.kind).toBe('no-answer');
    expect(rig.effects.some((each) => each.kind === 'write' && each.write.action.kind === 'delete')).toBe(false);
  });

  test('a delete without an answer is repeated, and then finding nothing is success', () => {
    const rig = HeartbeatRig.holding();
    rig.store.mode = 'held-back';
    const id = rig.command({ kind: 'release', createRevision: rig.store.lock!.createRevision, status: null });
    const { request, sentAt } = rig.waiting.pop()!;
    rig.store.answer(request, sentAt, rig.now);
    rig.store.mode = 'answers';
    rig.happen({ kind: 'written', id: request.id, sentAt, outcome: { kind: 'no-answer', reason: 'lost' } });

    expect(rig.outcomeOf(id)).toEqual({ kind: 'released' });
  });

  test('one that moved to another lease since its last proof is looked at, and deleted as it is now', () => {
    const rig = HeartbeatRig.holding();
    rig.store.lock = { ...rig.store.lock!, modRevision: rig.store.nextRevision() };
    const id = rig.command({ kind: 'release', createRevision: rig.store.lock.createRevision, status: null });

    expect(rig.outcomeOf(id)).toEqual({ kind: 'released' });
    expect(rig.store.lock).toBeNull();
  });

  test('one that was never proven here is looked at before it is deleted', () => {
    const rig = HeartbeatRig.configured();
    rig.store.takenBy(SELF);
    const id = rig.command({ kind: 'release', createRevision: rig.store.lock!.createRevision, status: null });

    expect(rig.outcomeOf(id)).toEqual({ kind: 'released' });
    expect(rig.store.lock).toBeNull();
  });

  test('a delete that arrives after the lock was adopted again deletes nothing (seed 10005666)', () => {
    const rig = HeartbeatRig.holding();
    rig.store.mode = 'held-back';
    const id = rig.command({ kind: 'release', createRevision: rig.store.lock!.createRevision, status: null });
    rig.loseOldest('may-see-it-late');
    for (const _ of ['the look', 'the second look']) rig.loseOldest('never-saw-it');
    expect(rig.outcomeOf(id)?.kind).toBe('no-answer');
    rig.store.mode = 'answers';
    rig.adopt();
    rig.lateArrives();

    expect(rig.lock?.kind).toBe('held');
    expect(rig.store.lock?.holder).toBe(SELF);
  });
});

describe('another ttl', () => {
  test('a move that arrives after the next one does not take the lock back to a lease that nobody renews', () => {
    const rig = HeartbeatRig.holding();
    rig.store.mode = 'held-back';
    rig.command({ kind: 'configure', ttl: seconds(10), steppedWithin: seconds(30), paused: false });
    rig.answerWaiting(); // the grant
    rig.loseOldest('may-see-it-late'); // the move
    rig.store.mode = 'answers';
    rig.answerWaiting(); // the keep-alive, and then the read: it did not move
    rig.command({ kind: 'configure', ttl: seconds(30), steppedWithin: seconds(30), paused: false });
    rig.adopt();
    expect(rig.store.lock?.lease).toBe(leaseId('3'));
    rig.lateArrives();

    expect(rig.store.lock?.lease).toBe(leaseId('3'));
  });

  test('a guardian that fences while the lock moves is armed again before the moved lock counts (seed 315531)', () => {
    const rig = HeartbeatRig.holding();
    rig.store.mode = 'held-back';
    rig.command({ kind: 'configure', ttl: seconds(30), steppedWithin: seconds(30), paused: false });
    rig.answerWaiting(); // the grant; now the move waits
    rig.guardian.armedUntil = null;
    rig.guardianSays({ kind: 'fencing', step: 'fenced', deadline: rig.deadline });
    rig.guardian.mode = 'hung';
    const heldBefore = rig.reports.length;
    for (const _ of ['the write', 'the keep-alive', 'the read']) rig.answerWaiting();

    expect(rig.guardian.heard.at(-1)?.kind).toBe('arm');
    expect(
      rig.reports.slice(heldBefore).filter((each) => each.lock.kind === 'held' && each.lease?.id === leaseId('2')),
    ).toEqual([]);
    rig.store.mode = 'answers';
    rig.pass(10_000); // It is replaced, and the next proof counts.
    expect(rig.deadline).toBeGreaterThan(rig.now);
    expect(rig.guardian.armedUntil).toBe(rig.deadline);
  });

  test('C-52: the lock moves to a new lease, and a shorter one shortens what is promised before it moves', () => {
    const rig = new HeartbeatRig();
    rig.happen({ kind: 'started' });
    rig.command({ kind: 'configure', ttl: seconds(30), steppedWithin: seconds(30), paused: false });
    rig.command({ kind: 'acquire' });
    rig.store.mode = 'held-back';
    rig.command({ kind: 'configure', ttl: TTL, steppedWithin: TTL, paused: false });
    rig.answerWaiting(); // the grant; now the move waits

    expect(rig.waiting.map((each) => each.request.kind)).toEqual(['write']);
    expect(rig.guardian.armedUntil).toBe(later(rig.now, TTL));
    expect(rig.deadline).toBe(later(rig.now, TTL));
    rig.store.mode = 'answers';
    rig.answerWaiting();
    rig.pass(TTL * 2);
    expect(rig.store.lock?.lease).toBe(leaseId('2'));
    expect(rig.deadline).toBeGreaterThan(rig.now);
  });
});

test('an agent that leaves retires its guardian, and nothing is renewed any more', () => {
  const rig = HeartbeatRig.configured();
  rig.command({ kind: 'end' });
  rig.pass(TTL);

  expect(rig.guardian.heard.at(-1)?.kind).toBe('retire');
  expect(rig.effects.at(-1)).toEqual({ kind: 'end' });
});

function isArm(effect: HeartbeatRig['effects'][number]): boolean {
  return effect.kind === 'tell-guardian' && effect.message.kind === 'arm';
}
