import { describe, expect, test } from 'vitest';
import { type Difference, decided, leader, replica } from '../../test/support/observations.ts';
import { ahead, HEAD, NOW, position, standbyAnswer } from '../../test/support/observed-parts.ts';
import { LOGICAL, logicalSlot, physicalSlot, slotNames } from '../../test/support/slots.ts';
import { runs, stays, table } from '../../test/support/table.ts';
import { slotName } from '../domain/names.ts';
import { later, millis } from '../domain/time.ts';
import { desiredPrimary, desiredStandby, upstreamOf } from './desired-postgres.ts';
import type { End } from './happening.ts';
import { remember } from './remember.ts';

const published = (at: typeof HEAD) => ({
  status: { lastLsn: HEAD, slots: new Map([[slotName('cdc'), at]]), retainSlots: [] },
});
/** Its files already say what they should: only the slots are in question. */
function lacking(difference: Difference = {}) {
  const given = replica({
    dynamic: { slots: { cdc: LOGICAL } },
    view: published(position('0/2000000')),
    server: standbyAnswer({ slots: [physicalSlot('a'), physicalSlot('c')] }),
    ...difference,
  });
  const { view } = given.o.store.kind === 'unknown' ? { view: null } : given.o.store;
  const upstream = upstreamOf(given.o, view?.members.find(({ name }) => name === 'a') ?? null);
  return { ...given, m: { ...given.m, applied: desiredStandby(given.o, upstream) } };
}
const backingOff = new Map([
  ['copy-logical-slots', { until: later(NOW, millis(500)), failures: 1, reason: 'x', span: millis(500) }],
]);

describe('a standby that lacks logical slots of its leader (ha.md SL19)', () => {
  table(decided, lacking, [
    [
      'CC176: copies them, with a restart',
      {},
      runs('copy-logical-slots', {
        kind: 'copy-slots',
        from: { member: 'a' },
        slots: [{ name: 'cdc', database: 'shop', plugin: 'pgoutput' }],
        desired: { parameters: { hot_standby_feedback: 'on' }, standby: { upstream: { member: 'a' } } },
      }),
    ],
    ['CC176: once', { server: standbyAnswer({ slots: [logicalSlot('cdc')] }) }, stays('follow')],
    ['W36: not before it has replayed what their consumers have', { view: published(ahead(8n)) }, stays('follow')],
    [
      'not while replay is paused: it would be ended',
      { server: standbyAnswer({ replayPaused: true }) },
      stays('follow'),
    ],
    [
      'not again for one that would have been of no use, before its consumer goes on',
      { memory: { slotsNotYet: new Map([[slotName('cdc'), position('0/2000000')]]) } },
      stays('follow'),
    ],
    [
      'but then',
      { memory: { slotsNotYet: new Map([[slotName('cdc'), position('0/1000000')]]) } },
      { rule: 'copy-logical-slots' },
    ],
    [
      'one member after the other: somebody has to be able to take over',
      { members: { c: { state: 'restarting' } } },
      stays('follow'),
    ],
    ['nor before the leader is a primary', { members: { a: { role: 'replica' } } }, stays('follow')],
    ['not again before its back-off, and follows meanwhile', { memory: { backoffs: backingOff } }, stays('follow')],
    [
      'SL22: nor in a pause: it is a restart',
      { dynamic: { slots: { cdc: LOGICAL }, pause: true } },
      { rule: 'pause-leave-alone' },
    ],
    ['CC177: not where no WAL streams', { tags: { nostream: true } }, { action: { kind: 'reconfigure' } }],
  ]);

  test.each<End>([
    { kind: 'done', systemId: null, revision: null },
    // It starts with the copy: taken for one without, it would be restarted for another one, over and over.
    { kind: 'failed', reason: 'it takes its time', late: true },
  ])('what could not be moved on is forgotten when it was copied: $kind', (end) => {
    const slotsSafe = new Set(slotNames('cdc'));
    const { o, m } = lacking({ memory: { slotsUnusable: new Set(slotNames('cdc', 'other')), slotsSafe } });
    const known = remember(m, o, { kind: 'ended', decision: decided({ o, m }), end });

    expect(known.slotsUnusable).toEqual(new Set(slotNames('other')));
    expect(known.slotsSafe).toEqual(new Set());
  });

  test('where the leader’s slots stood is remembered when copies would have been of no use', () => {
    const { o, m } = lacking();
    const end = { kind: 'failed', reason: 'the WAL is not here', notBegun: true } as const;
    const seen = remember(m, o, { kind: 'ended', decision: decided({ o, m }), end });

    expect([...seen.slotsNotYet]).toEqual([['cdc', position('0/2000000')]]);
  });

  test('slots that turn out to be of no use are remembered', () => {
    const { o, m } = lacking();
    const seen = remember(m, o, { kind: 'slots-judged', safe: slotNames('x'), unusable: slotNames('cdc') });

    expect(seen.slotsUnusable).toEqual(new Set(slotNames('cdc')));
    expect(seen.slotsSafe).toEqual(new Set(slotNames('x')));
  });
});

describe('hot_standby_feedback (ha.md SL21)', () => {
  const dynamic = { slots: { cdc: LOGICAL } };
  const feedback = (difference: Difference) =>
    desiredStandby(replica(difference).o, null).parameters['hot_standby_feedback'] ?? 'as configured';

  test.each<[string, Difference, string]>([
    ['on where logical slots are kept', { dynamic }, 'on'],
    ['as configured where there are none', {}, 'as configured'],
    ['physical ones need none', { dynamic: { slots: { s: null } } }, 'as configured'],
    ['not on a node that never leads', { dynamic, tags: { nofailover: true } }, 'as configured'],
    [
      'but there, too, where somebody streams from it that keeps them',
      { dynamic, tags: { nofailover: true }, members: { c: { tags: { replicatefrom: 'b' } } } },
      'on',
    ],
    [
      'not for one that never leads itself',
      { dynamic, tags: { nofailover: true }, members: { c: { tags: { replicatefrom: 'b', nofailover: true } } } },
      'as configured',
    ],
    ['not in a standby cluster', { dynamic: { ...dynamic, standby_cluster: { host: 'far' } } }, 'as configured'],
    ['not where slots are off', { dynamic: { ...dynamic, postgresql: { use_slots: false } } }, 'as configured'],
  ])('%s', (_, difference, expected) => {
    expect(feedback(difference)).toBe(expected);
  });

  test('a primary has it, too: it may be a standby next', () => {
    expect(desiredPrimary(leader({ dynamic }).o).parameters['hot_standby_feedback']).toBe('on');
  });
});
