import { describe, expect, test } from 'vitest';
import { decided, leader, replica, winner } from '../../test/support/observations.ts';
import { HEAD, standbyAnswer } from '../../test/support/observed-parts.ts';
import { LOGICAL, logicalSlot, slotNames } from '../../test/support/slots.ts';
import { table } from '../../test/support/table.ts';
import { slotChanges } from './slot-changes.ts';

const dynamic = { slots: { cdc: LOGICAL } };
const server = standbyAnswer({ slots: [logicalSlot('cdc')] });
const known = { slotsSafe: new Set(slotNames('cdc')) };

describe('is a copied logical slot of use after a failover (ha.md SL20)?', () => {
  const verify = ({ o, m }: ReturnType<typeof replica>) => slotChanges(o, m)?.verify ?? null;
  table(verify, replica, [
    [
      'the primary is asked, by my own slot there',
      { dynamic, server },
      { from: { member: 'a' }, as: 'b', names: ['cdc'] },
    ],
    [
      'by the slot of whom WAL comes through',
      { dynamic, server, tags: { replicatefrom: 'c' } },
      { from: { member: 'a' }, as: 'c' },
    ],
    ['once it is known nobody is asked', { dynamic, server, memory: known }, null],
    [
      'nor about slots that PostgreSQL copies',
      { dynamic, server: standbyAnswer({ slots: [logicalSlot('cdc', { failover: 'synced' })] }) },
      null,
    ],
    ['nor about those that are not permanent', { server }, null],
    ['nor anybody who is no primary', { dynamic, server, members: { a: { role: 'replica' } } }, null],
    ['nor while nobody leads', { dynamic, server, view: { lock: null } }, null],
  ]);

  test('a primary has nobody to ask', () => {
    const { o, m } = leader({ dynamic });
    expect(slotChanges(o, m)?.verify).toBeNull();
  });

  test('a promotion says which slots are in doubt', () => {
    const slots = { slots: [logicalSlot('cdc')], receiveLsn: HEAD };
    expect(decided(winner({ dynamic, server: standbyAnswer(slots) })).facts).toMatchObject({
      slotsPerhapsUnsafe: 'cdc',
    });
    const promoted = decided(winner({ dynamic, server: standbyAnswer(slots), memory: known }));
    expect(promoted.rule).toBe('promote');
    expect(promoted.facts).not.toHaveProperty('slotsPerhapsUnsafe');
  });
});
