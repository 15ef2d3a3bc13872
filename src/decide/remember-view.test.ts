import { describe, expect, test } from 'vitest';
import { candidate, leader, replica, type Situation, stopped } from '../../test/support/observations.ts';
import {
  A,
  branch,
  C,
  HEAD,
  LOCK,
  lockOf,
  NOW,
  primaryAnswer,
  standbyAnswer,
} from '../../test/support/observed-parts.ts';
import { logicalSlot, unusedSlot } from '../../test/support/slots.ts';
import { table } from '../../test/support/table.ts';
import type { Action, Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import { revision, slotName } from '../domain/names.ts';
import { latestView } from '../domain/observation.ts';
import { earlier, later, seconds } from '../domain/time.ts';
import { peersOf } from './campaign.ts';
import { conclude } from './conclude.ts';
import type { Happening } from './happening.ts';
import { remember } from './remember.ts';
import type { RuleId } from './rules.ts';

/** What is remembered once `happening` has happened in this situation. */
const after =
  (happening: Happening) =>
  ({ o, m }: Situation): Memory =>
    remember(m, o, happening);
const decision = (rule: RuleId, action: Action): Decision => conclude(rule, action);

describe('after a picture of the cluster', () => {
  const seen = after({ kind: 'view', gapless: true });
  const mine = { lockContinuity: { kind: 'mine', createRevision: LOCK, modRevision: LOCK } } as const;
  const deleted = { view: { lock: null }, memory: mine };
  table(seen, leader, [
    [
      'the lock is mine',
      { memory: { lockContinuity: { kind: 'unknown' } } },
      { lockContinuity: { kind: 'mine', createRevision: LOCK, modRevision: LOCK }, unlockedSince: null },
    ],
    [
      'C-30: an unbroken chain shows that it vanished',
      deleted,
      { lockContinuity: { kind: 'vanished', createRevision: LOCK, at: NOW }, unlockedSince: NOW },
    ],
    [
      'it stays vanished',
      {
        view: { lock: null },
        memory: { lockContinuity: { kind: 'vanished', createRevision: LOCK, at: earlier(NOW, seconds(1)) } },
      },
      { lockContinuity: { kind: 'vanished', at: earlier(NOW, seconds(1)) } },
    ],
    [
      'somebody else has it',
      { view: { lock: lockOf('c') } },
      { lockContinuity: { kind: 'unknown' }, acquired: null, lastHolder: { name: C } },
    ],
    [
      'a late picture from before my own creation takes nothing away',
      { view: { lock: lockOf('c'), revision: revision(LOCK - 1n) } },
      { acquired: { createRevision: LOCK } },
    ],
    [
      'since when nobody leads is told by the first that shows it',
      { view: { lock: null }, memory: { unlockedSince: earlier(NOW, seconds(2)) } },
      { unlockedSince: earlier(NOW, seconds(2)) },
    ],
    [
      'a lock that I gave away is nobody’s',
      { memory: { released: LOCK } },
      { unlockedSince: NOW, lockContinuity: { kind: 'vanished' } },
    ],
    ['a pause is over', { memory: { wasPaused: true } }, { wasPaused: false, resumedAt: NOW }],
    [
      'it was over before',
      { memory: { wasPaused: false, resumedAt: earlier(NOW, seconds(9)) } },
      { resumedAt: earlier(NOW, seconds(9)) },
    ],
    ['it goes on', { memory: { wasPaused: true }, dynamic: { pause: true } }, { wasPaused: true, resumedAt: null }],
  ]);
  table(after({ kind: 'view', gapless: false }), leader, [
    ['with a gap in between somebody may have had it', deleted, { lockContinuity: { kind: 'unknown' } }],
  ]);
  const since = earlier(NOW, seconds(60));
  const missed = (statusKeyRevision: bigint) => ({
    view: { lock: null, statusKeyRevision: revision(statusKeyRevision) },
    memory: { unlockedSince: since, unlockedAt: revision(90n) },
  });
  table(after({ kind: 'view', gapless: false }), replica, [
    ['who missed a reign counts anew since when nobody leads', missed(95n), { unlockedSince: NOW }],
    ['where no leader wrote anything nobody led', missed(89n), { unlockedSince: since, unlockedAt: revision(90n) }],
    [
      'a store that went back may have seen anything',
      { view: { lock: null }, memory: { unlockedSince: since, unlockedAt: revision(101n) } },
      { unlockedSince: NOW, unlockedAt: revision(100n) },
    ],
  ]);
  table(seen, replica, [
    ['every picture was seen: nobody led, whoever wrote', missed(95n), { unlockedSince: since }],
    ['what a picture shows of a leader is as old as that', {}, { lastHolder: { name: A, revision: revision(100n) } }],
  ]);
  table(seen, replica, [
    ['what was found out about a leader stays', {}, { divergence: { kind: 'fits', leader: A } }],
    [
      'what was beyond rewinding says nothing of the same leader on a newer timeline',
      {
        members: { a: { timeline: branch(5) } },
        memory: { divergence: { kind: 'rewind-failed', leader: A, leaderTimeline: branch(4), attempts: 0, why: '' } },
      },
      { divergence: { kind: 'unchecked' } },
    ],
    [
      'but of the same one on that timeline',
      {
        members: { a: { timeline: branch(4) } },
        memory: { divergence: { kind: 'rewind-failed', leader: A, leaderTimeline: branch(4), attempts: 0, why: '' } },
      },
      { divergence: { kind: 'rewind-failed' } },
    ],
    ['says nothing of the next', { view: { lock: lockOf('c') } }, { divergence: { kind: 'unchecked' } }],
    [
      'nor of the same on a newer timeline',
      { members: { a: { timeline: branch(4) } } },
      { divergence: { kind: 'unchecked' } },
    ],
    [
      'and survives a while without one',
      { view: { lock: null } },
      { divergence: { kind: 'fits' }, lastHolder: { name: A } },
    ],
    ['yielding ends with its time', { memory: { yielded: { to: null, until: NOW } } }, { yielded: null }],
    [
      'or with a new leader',
      { view: { lock: lockOf('c') }, memory: { yielded: { to: C, until: later(NOW, seconds(9)) } } },
      { yielded: null },
    ],
    [
      'not before',
      { view: { lock: null }, memory: { yielded: { to: C, until: later(NOW, seconds(9)) } } },
      { yielded: { to: C } },
    ],
  ]);

  test('W28: while nobody leads, whom the last leader led is known as it was, however many pictures come', () => {
    const { o, m } = candidate();
    const once = seen({ o, m });
    const often = seen({ o, m: seen({ o, m: once }) });
    const asked = (memory: Memory) => peersOf(o, memory, latestView(o)!).map((each) => each.name);

    expect(once.lastHolder).toEqual(m.lastHolder);
    expect(often).toEqual(once);
    expect(asked(often)).toEqual([C, A]);
  });

  test('a member slot is as fresh as the member: also one that was there until this very picture', () => {
    const { o, m } = replica({
      members: { c: null },
      memory: { slotSeen: new Map([[slotName('c'), earlier(NOW, seconds(7_200))]]) },
    });

    expect(seen({ o, m }).slotSeen.get(slotName('c'))).toBe(NOW);
  });

  test('SL18: a new leader gives every slot that the last one kept the whole time once more', () => {
    const status = { lastLsn: HEAD, slots: new Map(), retainSlots: [slotName('gone'), slotName('b')] };
    const { o, m } = candidate({
      view: { status, lock: null },
      memory: { slotSeen: new Map([[slotName('gone'), earlier(NOW, seconds(1_700))]]) },
    });
    const acquired = decision('campaign', { kind: 'acquire-lock' });
    const end = { kind: 'done', systemId: null, revision: revision(99n) } as const;
    const { slotSeen } = remember(m, o, { kind: 'ended', decision: acquired, end });

    expect(slotSeen.get(slotName('gone'))).toBe(NOW);
    expect(slotSeen.has(slotName('b')), 'its own').toBe(false);
  });

  test('where nobody has told which slots are kept, a new leader keeps all that are here (seed 710233)', () => {
    const { o, m } = candidate({
      server: standbyAnswer({ slots: [unusedSlot('gone')] }),
      memory: { slotSeen: new Map() },
    });
    const end = { kind: 'done', systemId: null, revision: revision(99n) } as const;
    const acquired = decision('campaign', { kind: 'acquire-lock' });

    expect([...remember(m, o, { kind: 'ended', decision: acquired, end }).slotSeen]).toEqual([['gone', NOW]]);
  });

  test.each([
    ['a new leader', null, ['gone']],
    ['who leads already', LOCK, []],
  ])(
    '%s: a slot that nobody tells of, of a member that may have joined since, is kept if it is here (seeds 9107249, 9400288)',
    (_, reign, kept) => {
      const { o, m } = leader({
        server: primaryAnswer({ slots: [unusedSlot('gone')] }),
        memory: { slotSeen: new Map(), reign },
      });

      expect([...remember(m, o, { kind: 'report' }).slotSeen.keys()]).toEqual(kept);
    },
  );

  test('a new leader takes no slot that ignore_slots names for a member’s', () => {
    const { o, m } = leader({
      server: primaryAnswer({ slots: [unusedSlot('gone'), unusedSlot('tool')] }),
      dynamic: { ignore_slots: [{ name: 'tool' }] },
      memory: { slotSeen: new Map(), reign: null },
    });

    expect([...remember(m, o, { kind: 'report' }).slotSeen.keys()]).toEqual(['gone']);
  });

  test('what lies here when an agent first sees its server is remembered, and nothing that is made later (seed 10021517)', () => {
    const before = replica({ server: standbyAnswer({ slots: [unusedSlot('gone'), logicalSlot('cdc')] }) });
    const after = replica({ server: standbyAnswer({ slots: [unusedSlot('stray')] }) });
    const first = remember({ ...before.m, slotsFound: null }, before.o, { kind: 'report' });
    const found = { at: NOW, names: new Set([slotName('gone')]) };

    expect(first.slotsFound).toEqual(found);
    expect(remember(first, after.o, { kind: 'report' }).slotsFound).toEqual(found);
  });

  test('an agent whose server is down has not seen yet what lies there', () => {
    const { o, m } = stopped({ memory: { slotsFound: null } });

    expect(remember(m, o, { kind: 'report' }).slotsFound).toBeNull();
  });

  test('a slot that the last leader kept gets a fresh time when it is first heard of', () => {
    const status = { lastLsn: HEAD, slots: new Map(), retainSlots: [slotName('gone'), slotName('b')] };

    expect([...seen(replica({ view: { status } })).slotSeen.keys()].toSorted()).toEqual(['a', 'c', 'gone']);
  });

  test('an initialize key whose owner is nowhere at work is abandoned since the first picture that shows it so', () => {
    const inProgress = { lock: null, initialize: { kind: 'in-progress', modRevision: revision(9n) } } as const;
    const atRest = { a: { state: 'stopped', role: 'uninitialized' }, c: null } as const;

    expect(seen(stopped({ view: inProgress, members: atRest })).initializeAbandonedSince).toBe(NOW);
    expect(
      seen(stopped({ view: inProgress, members: { ...atRest, a: { state: 'initializing new cluster' } } }))
        .initializeAbandonedSince,
    ).toBeNull();
    expect(
      seen(stopped({ members: atRest, memory: { initializeAbandonedSince: NOW } })).initializeAbandonedSince,
    ).toBeNull();
  });

  test('nor is one abandoned while a member with data is there, although that does not run: it is the cluster (seed 31000245)', () => {
    const inProgress = { lock: null, initialize: { kind: 'in-progress', modRevision: revision(9n) } } as const;
    const isBack = { a: { state: 'crashed', role: 'demoted' }, c: null } as const;
    const memory = { initializeAbandonedSince: earlier(NOW, seconds(2)) };

    expect(seen(stopped({ view: inProgress, members: isBack, memory })).initializeAbandonedSince).toBeNull();
  });
});
