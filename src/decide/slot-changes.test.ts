import { describe, expect, test } from 'vitest';
import { leader, replica, type Situation } from '../../test/support/observations.ts';
import { behind, HEAD, position, primaryAnswer, standbyAnswer } from '../../test/support/observed-parts.ts';
import { awayFor, changes, early, middle, onPrimary, onStandby, publishes } from '../../test/support/slot-situation.ts';
import { LOGICAL, logicalSlot, physicalSlot, slotNames, unusedSlot } from '../../test/support/slots.ts';
import { table } from '../../test/support/table.ts';
import type { Slot } from '../domain/postgres-report.ts';
import { noSlotChange } from '../domain/slot-change.ts';
import { logicalSlotsToCopy } from './slot-changes.ts';

describe('slots that nobody wants (ha.md SL8 to SL14)', () => {
  const stray = onPrimary(unusedSlot('backup'));
  table(changes, leader, [
    ['CC175, PG-69: are dropped', stray, { ...noSlotChange, drop: ['backup'] }],
    ['CC175: not in a pause', { ...stray, dynamic: { pause: true } }, null],
    ['CC175: not while one is in use', onPrimary(physicalSlot('backup')), null],
    [
      'CC175, SL10: not where ignore_slots names them',
      { ...stray, dynamic: { ignore_slots: [{ name: 'backup' }] } },
      null,
    ],
    [
      'SL10: all that is given has to be equal',
      { ...stray, dynamic: { ignore_slots: [{ name: 'backup', type: 'logical' }, { database: 'shop' }] } },
      { drop: ['backup'] },
    ],
    [
      'SL10: by database and plugin',
      { ...onPrimary(logicalSlot('x')), dynamic: { ignore_slots: [{ database: 'shop', plugin: 'pgoutput' }] } },
      null,
    ],
    ['a logical one, too', onPrimary(logicalSlot('x')), { drop: ['x'] }],
    [
      'not while the cluster’s configuration is not to be read',
      { ...stray, view: { config: { kind: 'absent' } } },
      null,
    ],
    [
      'SL9: nor what Citus makes while it moves or splits a shard',
      onPrimary(
        logicalSlot('citus_shard_move_slot_2_7'),
        logicalSlot('citus_shard_split_slot_1_2_3', { plugin: 'citus' }),
      ),
      null,
    ],
    [
      'SL9: one whose WAL is gone is of no use, and made anew',
      { server: primaryAnswer({ slots: [physicalSlot('b'), unusedSlot('c', { isLost: true })] }) },
      { drop: ['c'], create: ['c'] },
    ],
    [
      'PG-70, SL12: the feedback of who streams elsewhere now is forgotten, and its WAL kept',
      {
        members: { b: { replicationState: 'streaming' }, c: { tags: { replicatefrom: 'b' } } },
        server: primaryAnswer({ slots: [physicalSlot('b'), unusedSlot('c', { hasXmin: true })] }),
      },
      { drop: [], create: [], clearXmin: ['c'] },
    ],
    [
      'PG-72: PostgreSQL’s own failover slots are its own business',
      onPrimary(logicalSlot('f', { failover: 'own' })),
      null,
    ],
  ]);
  const stale = onStandby(unusedSlot('away', { hasXmin: true }));
  table(changes, replica, [
    [
      'SL12: on a standby, too, that of a member that is away included',
      { ...stale, view: publishes({}, ['away']) },
      { drop: [], clearXmin: ['away'] },
    ],
    ['SL12: not while nobody leads', { ...stale, view: { ...publishes({}, ['away']), lock: null } }, null],
    [
      'PG-72, SL8: one made here would keep the leader’s from being copied',
      onStandby(logicalSlot('f', { failover: 'own' })),
      { drop: ['f'] },
    ],
    ['SL7: one that PostgreSQL copied is left alone', onStandby(logicalSlot('f', { failover: 'synced' })), null],
  ]);
});

describe('permanent slots (ha.md SL6)', () => {
  const slots = { archive: { type: 'physical' }, cdc: LOGICAL };
  table(changes, leader, [
    [
      'are created where the leader is',
      { ...onPrimary(), dynamic: { slots } },
      { create: ['archive'], createLogical: [{ name: 'cdc', database: 'shop', plugin: 'pgoutput' }] },
    ],
    ['and stay', { ...onPrimary(unusedSlot('archive'), logicalSlot('cdc')), dynamic: { slots } }, null],
    [
      'their consumers are expected here: they keep their place, and their feedback',
      {
        ...onPrimary(unusedSlot('archive', { hasXmin: true, restartLsn: early })),
        dynamic: { slots: { archive: null } },
        view: publishes({ archive: middle }),
      },
      null,
    ],
    ['none of my own name', { ...onPrimary(), dynamic: { slots: { a: { type: 'physical' } } } }, null],
    [
      'a member’s slot that is permanent stays when the member is gone for good',
      {
        ...awayFor(9_000),
        dynamic: { slots: { c: { type: 'physical' } } },
        server: primaryAnswer({ slots: [physicalSlot('b'), unusedSlot('c')] }),
      },
      null,
    ],
    [
      'also where a leader was tagged to never lead: it leads on',
      { ...onPrimary(logicalSlot('cdc')), dynamic: { slots }, tags: { nofailover: true } },
      { create: ['archive'], drop: [] },
    ],
    [
      'or names a member that WAL reaches through an archive alone',
      {
        ...onPrimary(logicalSlot('cdc')),
        dynamic: { slots: { cdc: LOGICAL } },
        tags: { replicatefrom: 'c' },
        members: { c: { tags: { nostream: true } } },
      },
      null,
    ],
    [
      'SL6: a logical one with a member’s name is not to be had',
      { ...onPrimary(), dynamic: { slots: { c: LOGICAL } } },
      null,
    ],
    [
      'SL11: one of another kind is made anew',
      { ...onPrimary(logicalSlot('cdc', { plugin: 'wal2json' })), dynamic: { slots: { cdc: LOGICAL } } },
      { drop: ['cdc'], createLogical: [{ name: 'cdc' }] },
    ],
    [
      'SL6: in an ordinary cluster the kind of cluster has no effect',
      { ...onPrimary(), dynamic: { slots: { s: { type: 'physical', cluster_type: 'standby' } } } },
      { create: ['s'] },
    ],
  ]);
  const standbyCluster = { standby_cluster: { host: 'far', port: 5432 } };
  table(changes, replica, [
    ['physical ones on every node', { ...onStandby(), dynamic: { slots } }, { create: ['archive'], createLogical: [] }],
    [
      'and where the leader’s stand',
      {
        ...onStandby(unusedSlot('archive', { restartLsn: early })),
        dynamic: { slots: { archive: { type: 'physical' } } },
        view: publishes({ archive: middle }),
      },
      { advance: [{ name: 'archive', to: middle }] },
    ],
    [
      'CC176: a logical one is moved to where its consumer is',
      {
        ...onStandby(logicalSlot('cdc', { confirmedFlushLsn: early })),
        dynamic: { slots: { cdc: LOGICAL } },
        view: publishes({ cdc: middle }),
      },
      { advanceLogical: [{ name: 'cdc', database: 'shop', to: middle }] },
    ],
    [
      'CC176, S22: and no further than what is replayed here',
      {
        ...onStandby(logicalSlot('cdc', { confirmedFlushLsn: early })),
        dynamic: { slots: { cdc: LOGICAL } },
        view: publishes({ cdc: position('0/9000000') }),
      },
      { advanceLogical: [{ name: 'cdc', to: HEAD }] },
    ],
    [
      'not one that can never be moved on',
      {
        ...onStandby(logicalSlot('cdc', { confirmedFlushLsn: early })),
        dynamic: { slots: { cdc: LOGICAL } },
        view: publishes({ cdc: middle }),
        memory: { slotsUnusable: new Set(slotNames('cdc')) },
      },
      null,
    ],
    [
      'none on a node that never leads',
      { ...onStandby(), dynamic: { slots }, tags: { failover_priority: 0 }, view: publishes({}, ['a']) },
      { create: [], drop: ['c'] },
    ],
    [
      'CC177: no logical ones on a node that WAL reaches through an archive alone',
      { ...onStandby(logicalSlot('cdc')), dynamic: { slots }, tags: { nostream: true } },
      { drop: ['cdc'], create: ['archive'] },
    ],
    [
      'CC177: nor on one that streams from such a node',
      {
        ...onStandby(logicalSlot('cdc')),
        dynamic: { slots: { cdc: LOGICAL } },
        tags: { replicatefrom: 'c' },
        members: { c: { tags: { nostream: true } } },
        view: publishes({}, ['a']),
      },
      { drop: ['c', 'cdc'] },
    ],
    [
      'but where that one leads they are kept',
      {
        ...onStandby(logicalSlot('cdc')),
        dynamic: { slots: { cdc: LOGICAL } },
        tags: { replicatefrom: 'a' },
        members: { a: { tags: { nostream: true } } },
        view: publishes({}, ['a']),
      },
      null,
    ],
    [
      'nor are they dropped while nobody leads: whoever names it may be next',
      {
        ...onStandby(logicalSlot('cdc')),
        dynamic: { slots: { cdc: LOGICAL } },
        tags: { replicatefrom: 'c' },
        members: { c: { tags: { nostream: true } } },
        view: { ...publishes({}, ['a']), lock: null },
      },
      { drop: ['c'] },
    ],
    [
      'PG-73: in a standby cluster physical ones alone, and none that belongs to the primary cluster',
      {
        ...onStandby(),
        dynamic: { ...standbyCluster, slots: { ...slots, s: { type: 'physical', cluster_type: 'primary' } } },
      },
      { create: ['archive'], createLogical: [] },
    ],
  ]);
});

describe('logical slots to be copied (ha.md SL16)', () => {
  const wanted = ({ o, m }: Situation) =>
    logicalSlotsToCopy(o, m)
      .map(({ name }) => name)
      .join(' ');
  const dynamic = { slots: { cdc: LOGICAL } };
  const view = publishes({ cdc: middle });
  table(wanted, replica, [
    ['CC176: one that the leader has and this standby lacks', { ...onStandby(), dynamic, view }, 'cdc'],
    ['not before the leader has it', { ...onStandby(), dynamic }, ''],
    ['not one that is here', { ...onStandby(logicalSlot('cdc')), dynamic, view }, ''],
    ['nor one that PostgreSQL copied', { ...onStandby(logicalSlot('cdc', { failover: 'synced' })), dynamic, view }, ''],
    [
      'one that can never be moved on',
      { ...onStandby(logicalSlot('cdc')), dynamic, view, memory: { slotsUnusable: new Set(slotNames('cdc')) } },
      'cdc',
    ],
    ['one that is lost', { ...onStandby(logicalSlot('cdc', { isLost: true })), dynamic, view }, 'cdc'],
    ['none while nobody leads', { ...onStandby(), dynamic, view: { ...view, lock: null } }, ''],
    [
      'none in a standby cluster',
      { ...onStandby(), dynamic: { ...dynamic, standby_cluster: { host: 'x' } }, view },
      '',
    ],
  ]);
  test('a primary copies none', () => {
    expect(wanted(leader({ ...onPrimary(), dynamic }))).toBe('');
  });
});

function onStandbyWith(slot: Slot) {
  return { server: standbyAnswer({ slots: [physicalSlot('a'), slot], receiveLsn: HEAD, replayLsn: HEAD }) };
}

test('a slot is never moved to where nobody published one', () => {
  const given = replica(onStandbyWith(unusedSlot('c', { restartLsn: behind(9n) })));
  expect(changes(given)).toBeNull();
});
