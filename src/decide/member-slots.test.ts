import { describe, expect } from 'vitest';
import { leader, replica } from '../../test/support/observations.ts';
import { HEAD, NOW, position, primaryAnswer, standbyAnswer } from '../../test/support/observed-parts.ts';
import { awayFor, changes, early, middle, onPrimary, onStandby, publishes } from '../../test/support/slot-situation.ts';
import { physicalSlot, slotNames, unusedSlot } from '../../test/support/slots.ts';
import { table } from '../../test/support/table.ts';
import type { Slot } from '../domain/postgres-report.ts';
import { noSlotChange } from '../domain/slot-change.ts';
import { earlier, seconds } from '../domain/time.ts';

describe('slots of members (ha.md SL1 to SL5)', () => {
  table(changes, leader, [
    ['PG-68: one each', {}, { ...noSlotChange, create: ['b', 'c'] }],
    ['nothing to do when they are there', onPrimary(), null],
    [
      'CC114: none for a member that never streams',
      { members: { c: { tags: { nostream: true } } } },
      { create: ['b'] },
    ],
    [
      'also on a leader that was tagged to never lead: it leads on',
      { tags: { nofailover: true }, ...awayFor(600), server: primaryAnswer({ slots: [unusedSlot('c')] }) },
      { create: ['b'], drop: [] },
    ],
    [
      'case 36: the name is made fit for a slot',
      { members: { b: null, c: { name: 'Node-1.foo' as never } } },
      { create: expect.arrayContaining(['node_1_foo']) as readonly string[] },
    ],
    [
      'CC173: kept for 30 minutes while its member is away',
      { ...awayFor(600), server: primaryAnswer({ slots: [physicalSlot('b'), unusedSlot('c')] }) },
      null,
    ],
    [
      'CC173, PG-68: and dropped after that',
      { ...awayFor(1_800), server: primaryAnswer({ slots: [physicalSlot('b'), unusedSlot('c')] }) },
      { drop: ['c'], create: [] },
    ],
    [
      'CC174: with member_slots_ttl 0 dropped as soon as the key is gone',
      {
        ...awayFor(1),
        dynamic: { member_slots_ttl: 0 },
        server: primaryAnswer({ slots: [physicalSlot('b'), unusedSlot('c')] }),
      },
      { drop: ['c'] },
    ],
    ['CC175: not while somebody uses it', { ...awayFor(1_800), ...onPrimary() }, null],
    [
      'with member_slots_ttl 0 none for who streams from another standby',
      {
        dynamic: { member_slots_ttl: 0 },
        members: { c: { tags: { replicatefrom: 'b' } }, b: { replicationState: 'streaming' } },
        server: primaryAnswer({ slots: [physicalSlot('b'), unusedSlot('c')] }),
      },
      { drop: ['c'] },
    ],
    [
      'but one for the first of those that name each other in a circle: it follows the leader',
      {
        dynamic: { member_slots_ttl: 0 },
        members: {
          b: { tags: { replicatefrom: 'c' }, replicationState: 'streaming' },
          c: { tags: { replicatefrom: 'b' }, replicationState: 'streaming' },
        },
        server: primaryAnswer({ slots: [] }),
      },
      { create: ['b'] },
    ],
    [
      'W25: but one when whom it names gets no WAL itself, since it follows the leader then',
      {
        dynamic: { member_slots_ttl: 0 },
        members: { c: { tags: { replicatefrom: 'b' } }, b: { replicationState: null } },
        server: primaryAnswer({ slots: [physicalSlot('b')] }),
      },
      { create: ['c'] },
    ],
    [
      'and one when it gets WAL, and has not got what that one needs',
      {
        dynamic: { member_slots_ttl: 0 },
        members: { c: { tags: { replicatefrom: 'b' }, replicationState: null } },
        server: primaryAnswer({ slots: [physicalSlot('b')] }),
      },
      { create: ['c'] },
    ],
    [
      'but not because an agent of an older version does not tell whether it streams',
      {
        dynamic: { member_slots_ttl: 0 },
        members: { c: { tags: { replicatefrom: 'b' }, replicationState: null, agent: 'foreign' } },
        server: primaryAnswer({ slots: [physicalSlot('b')] }),
      },
      null,
    ],
    [
      'SL14: who streams from nobody at the moment holds back no more than it lacks',
      {
        members: { c: { tags: { replicatefrom: 'b' }, position: middle, replicationState: null } },
        server: primaryAnswer({ slots: [physicalSlot('b'), unusedSlot('c', { restartLsn: early })] }),
      },
      { create: [], advance: [{ name: 'c', to: middle }] },
    ],
    [
      'SL14: who streams from another standby holds back no more than it lacks',
      {
        members: {
          b: { replicationState: 'streaming' },
          c: { tags: { replicatefrom: 'b' }, position: middle },
        },
        server: primaryAnswer({ slots: [physicalSlot('b'), unusedSlot('c', { restartLsn: early })] }),
      },
      { create: [], advance: [{ name: 'c', to: middle }] },
    ],
    [
      'who is expected here and away for a moment keeps its place',
      {
        server: primaryAnswer({ slots: [physicalSlot('b'), unusedSlot('c', { restartLsn: early, hasXmin: true })] }),
        view: publishes({ c: middle }),
      },
      null,
    ],
    ['without the lock a primary keeps none', { lock: { kind: 'not-held' } }, null],
    [
      'SL2: where slots are off nobody has any',
      { dynamic: { postgresql: { use_slots: false } }, server: primaryAnswer({ slots: [unusedSlot('b')] }) },
      { ...noSlotChange, drop: ['b'] },
    ],
    ['nothing is known of a server that does not answer', { server: { kind: 'rejecting' } }, null],
  ]);
  const mine = (change: Partial<Slot> = {}) => onStandbyWith(unusedSlot('c', { restartLsn: early, ...change }));
  const keeping = unusedSlot('away', { restartLsn: early });
  const feedback = unusedSlot('away', { hasXmin: true });
  const ignored = { dynamic: { ignore_slots: [{ name: 'away' }] } };
  table(changes, replica, [
    ['CC173: a standby keeps them, too, so that it has the WAL when it leads', {}, { create: ['a', 'c'] }],
    [
      'and moves them to where the leader’s copy stands',
      { ...mine(), view: publishes({ c: middle }) },
      { create: [], advance: [{ name: 'c', to: middle }] },
    ],
    [
      'S22: never past what it has replayed itself',
      { ...mine(), view: publishes({ c: position('0/9000000') }) },
      { advance: [{ name: 'c', to: HEAD }] },
    ],
    ['never back', { ...mine({ restartLsn: HEAD }), view: publishes({ c: middle }) }, null],
    ['not one that is in use', { ...mine({ active: true }), view: publishes({ c: middle }) }, null],
    [
      'SL14: one that reserves nothing was made by somebody else, and is made anew',
      { ...mine({ restartLsn: null }), view: publishes({ c: middle }) },
      { drop: ['c'], create: ['c'], advance: [] },
    ],
    [
      'CC173: what the leader keeps for a member that is away is kept in its place',
      { ...onStandby(unusedSlot('away', { restartLsn: early })), view: publishes({ away: middle }, ['away']) },
      null,
    ],
    [
      'a node that never leads keeps only those of its own followers',
      { tags: { nofailover: true }, ...onStandby(), view: publishes({}, ['away']) },
      { drop: ['c'], create: [] },
    ],
    [
      'nobody’s slot is dropped before a leader has told which are kept for members that are away',
      { ...onStandby(unusedSlot('away')), view: publishes({}) },
      null,
    ],
    [
      'which it does not move on: they use them',
      {
        tags: { nofailover: true },
        members: { c: { tags: { replicatefrom: 'b' }, position: HEAD } },
        server: standbyAnswer({ slots: [unusedSlot('c', { restartLsn: early })] }),
        view: publishes({ c: middle }),
      },
      null,
    ],
    [
      'what lay here when the agent began is kept for 30 minutes, though the leader does not tell of it (seed 10021517)',
      { ...onStandby(keeping), ...foundFor(1_799) },
      null,
    ],
    ['and dropped after that', { ...onStandby(keeping), ...foundFor(1_800) }, { drop: ['away'], create: [] }],
    [
      'it is not made again when somebody has dropped it, nor when its WAL is gone',
      { ...onStandby(unusedSlot('away', { restartLsn: null, isLost: true })), ...foundFor(1) },
      { drop: ['away'], create: [] },
    ],
    [
      'nor is anything done to it where ignore_slots names it',
      { ...onStandby(feedback), ...foundFor(1), ...ignored },
      null,
    ],
    [
      'SL12: the feedback of who is away is forgotten there, too',
      { ...onStandby(feedback), ...foundFor(1) },
      { drop: [], clearXmin: ['away'] },
    ],
    [
      'not on a node that never leads, which is no help to who is away',
      { ...onStandby(keeping), ...foundFor(1), tags: { nofailover: true } },
      { drop: ['away', 'c'], create: [] },
    ],
    [
      'CC174: with member_slots_ttl 0 a standby has none but for its followers',
      { dynamic: { member_slots_ttl: 0 }, server: standbyAnswer({ slots: [unusedSlot('c')] }) },
      { drop: ['c'], create: [] },
    ],
    [
      'dcs.md 4.3: a leader before 4.0.0 tells no slots of members: their own position counts',
      { ...mine(), members: { a: { version: '3.3.2' }, c: { position: middle } } },
      { advance: [{ name: 'c', to: middle }] },
    ],
  ]);
});

function onStandbyWith(slot: Slot) {
  return { server: standbyAnswer({ slots: [physicalSlot('a'), slot], receiveLsn: HEAD, replayLsn: HEAD }) };
}

/** The agent here began so many seconds ago, and the leader has never seen the member `away`. */
function foundFor(span: number) {
  const slotsFound = { at: earlier(NOW, seconds(span)), names: new Set(slotNames('away')) };
  return { memory: { slotsFound }, view: publishes({}, ['b', 'c']) };
}
