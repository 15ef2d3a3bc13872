import { describe, expect } from 'vitest';
import { leader, replica, type Situation } from '../../test/support/observations.ts';
import { behind, HEAD, NOW, primaryAnswer } from '../../test/support/observed-parts.ts';
import { LOGICAL, logicalSlot } from '../../test/support/slots.ts';
import { type Expected, table } from '../../test/support/table.ts';
import { slotName } from '../domain/names.ts';
import { earlier, seconds } from '../domain/time.ts';
import { publishedStatus } from './published-status.ts';

/** None of these fields. */
function absent(...fields: readonly string[]): Expected {
  return expect.toSatisfy(
    (value: object) => fields.every((each) => !(each in value)),
    `without ${fields.join(', ')}`,
  ) as Expected;
}

describe('what a leader publishes of the cluster (dcs.md 1.7)', () => {
  const status = ({ o, m }: Situation) => publishedStatus(o, m);
  const away = (ago: number) => ({
    members: { c: null },
    memory: { slotSeen: new Map([[slotName('c'), earlier(NOW, seconds(ago))]]) },
  });
  const neverStreaming = { members: { c: { tags: { nostream: true } } }, memory: { slotSeen: new Map() } };
  table(status, leader, [
    ['its position', {}, { optime: HEAD }],
    ['C-37: its own slot at its own position', {}, { slots: { a: HEAD } }],
    [
      'a physical slot where its WAL begins, a logical one where it was confirmed',
      {
        server: primaryAnswer({
          slots: [
            slot('b', { restartLsn: behind(5n) }),
            slot('cdc', { type: 'logical', restartLsn: behind(9n), confirmedFlushLsn: behind(3n) }),
          ],
        }),
      },
      { slots: { a: HEAD, b: behind(5n), cdc: behind(3n) } },
    ],
    [
      'a slot that reserves nothing has no position',
      { server: primaryAnswer({ slots: [slot('b', { restartLsn: null })] }) },
      { slots: { a: HEAD } },
    ],
    [
      'the slots of all members are kept, also in a cluster so quiet that no picture came for hours',
      { memory: { slotSeen: new Map() } },
      { retain_slots: ['a', 'b', 'c'] },
    ],
    [
      'in failsafe mode how long it may go on by their word',
      { dynamic: { failsafe_mode: true } },
      { failsafe_ttl: 30 },
    ],
    ['else nothing of that', {}, absent('failsafe_ttl')],
    ['C-38: also of a member that is away', away(1_799), { retain_slots: ['a', 'b', 'c'] }],
    ['C-38: for member_slots_ttl', away(1_800), { retain_slots: ['a', 'b'] }],
    ['with member_slots_ttl 0 none is kept', { dynamic: { member_slots_ttl: 0 } }, absent('retain_slots')],
    ['SL17: nor is any told', { dynamic: { member_slots_ttl: 0 } }, absent('slots')],
    [
      'SL17: but for permanent ones',
      {
        dynamic: { member_slots_ttl: 0, slots: { archive: null, cdc: LOGICAL } },
        server: primaryAnswer({
          slots: [slot('archive'), slot('b'), logicalSlot('cdc', { confirmedFlushLsn: behind(3n) })],
        }),
      },
      { slots: { archive: HEAD, cdc: behind(3n) } },
    ],
    [
      'SL7: one that PostgreSQL copied by itself before a promotion is not told',
      { server: primaryAnswer({ slots: [logicalSlot('f', { failover: 'synced' })] }) },
      { slots: { a: HEAD } },
    ],
    ['SL18: permanent ones need no keeping', { dynamic: { slots: { c: null } } }, { retain_slots: ['a', 'b'] }],
    ['CC114: nor is anything kept for who never streams', neverStreaming, { retain_slots: ['a', 'b'] }],
  ]);
  table(status, replica, [['a standby publishes none', {}, null]]);
  table(status, leader, [
    ['neither does a primary that does not answer', { server: { kind: 'silent', since: NOW } }, null],
  ]);
});

function slot(
  name: string,
  change: {
    readonly type?: 'physical' | 'logical';
    readonly active?: boolean;
    readonly restartLsn?: typeof HEAD | null;
    readonly confirmedFlushLsn?: typeof HEAD | null;
  } = {},
) {
  return {
    name: slotName(name),
    type: 'physical' as const,
    active: true,
    restartLsn: HEAD,
    confirmedFlushLsn: null,
    hasXmin: false,
    ...change,
  };
}
