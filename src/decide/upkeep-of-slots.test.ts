import { describe, expect, test } from 'vitest';
import { leader, replica, type Situation, stopped } from '../../test/support/observations.ts';
import { A, HEAD, NOW, position, standbyAnswer } from '../../test/support/observed-parts.ts';
import { LOGICAL, logicalSlot, physicalSlot, unusedSlot } from '../../test/support/slots.ts';
import { slotName } from '../domain/names.ts';
import { noSlotChange } from '../domain/slot-change.ts';
import { earlier, later, millis, seconds } from '../domain/time.ts';
import { type UpkeepTimes, upkeep } from './upkeep.ts';

const never: UpkeepTimes = new Map();
const justNow: UpkeepTimes = new Map(
  (['member', 'status', 'slots'] as const).map((name) => [name, earlier(NOW, millis(10))] as const),
);

const names = ({ o, m }: Situation): readonly string[] => upkeep(o, m, never).map((each) => each.name);

describe('slots', () => {
  test('a missing one is created at once: it keeps a replica from streaming', () => {
    const { o, m } = leader();

    expect(upkeep(o, m, justNow)).toContainEqual(
      expect.objectContaining({ name: 'slots', change: { ...noSlotChange, create: ['b', 'c'] } }),
    );
  });

  test('one that was just created is not created again before a look could have shown it', () => {
    const { o, m } = leader();
    const after = new Map([['slots', o.postgres?.observedAt ?? NOW]] as const);

    expect(upkeep(o, m, after).map((each) => each.name)).not.toContain('slots');
  });

  test('nor is one whose WAL was gone made anew a second time by an agent that stood still after the first', () => {
    const server = standbyAnswer({ slots: [physicalSlot('a'), unusedSlot('c', { isLost: true })] });
    const { o, m } = replica({ server });
    const seenAt = o.postgres?.observedAt ?? NOW;
    const now = later(seenAt, seconds(60));
    const doneAt = (at: typeof NOW) => upkeep({ ...o, now }, m, new Map([['slots', at]] as const));

    expect(doneAt(earlier(seenAt, millis(1))).map((each) => each.name)).toContain('slots');
    expect(doneAt(later(seenAt, millis(1))).map((each) => each.name)).not.toContain('slots');
  });

  test('moving them on waits for the next loop', () => {
    const behindLeader = {
      server: standbyAnswer({
        slots: [physicalSlot('a'), unusedSlot('c', { restartLsn: position('0/1000000') })],
      }),
      view: { status: { lastLsn: HEAD, slots: new Map([[slotName('c'), HEAD]]), retainSlots: [] } },
    };
    const { o, m } = replica(behindLeader);

    expect(upkeep(o, m, justNow).map((each) => each.name)).not.toContain('slots');
    expect(upkeep(o, m, never).map((each) => each.name)).toContain('slots');
  });

  test('CC30, SL22: without the store they are moved on to where whoever was promised the lead said that its own are', () => {
    const early = position('0/1000000');
    const told = position('0/2000000');
    const slots = [
      physicalSlot('a'),
      unusedSlot('c', { restartLsn: early }),
      logicalSlot('x', { confirmedFlushLsn: early }),
    ];
    const promise = {
      to: A,
      until: later(NOW, seconds(5)),
      slots: new Map([slotName('c'), slotName('x')].map((name) => [name, told] as const)),
    };
    const silent = (more: object) => {
      const given = { store: 'silent', dynamic: { failsafe_mode: true, slots: { x: LOGICAL, y: LOGICAL } } } as const;
      const { o, m } = replica({
        ...given,
        server: standbyAnswer({ slots: [...slots, unusedSlot('stray')] }),
        ...more,
      });
      return upkeep(o, m, never);
    };

    expect(silent({ memory: { promise } })).toEqual([
      { name: 'slots', kind: 'manage-slots', change: { ...noSlotChange, advance: [{ name: 'c', to: told }] } },
      {
        name: 'logical-slots',
        kind: 'manage-slots',
        change: { ...noSlotChange, advanceLogical: [{ name: 'x', database: 'shop', to: told }] },
      },
    ]);
    expect(silent({}), 'nobody was promised the lead').toEqual([]);
    expect(silent({ memory: { promise: { ...promise, until: NOW } } }), 'it is over').toEqual([]);
  });

  test('nothing is done to them beside a task', () => {
    expect(names(stopped())).not.toContain('slots');
    expect(names(leader({ task: { kind: 'stop', mode: 'fast', checkpointFirst: true, timeout: null } }))).not.toContain(
      'slots',
    );
  });
});
