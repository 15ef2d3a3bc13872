import { expect, test } from 'vitest';
import { type Acknowledgement, analyse, lateAcknowledgements, longestGap } from './write-analysis.ts';

test('the longest gap counts the silence at both ends of the span', () => {
  expect(longestGap([0, 10, 20, 500, 510], { from: 5, to: 510 })).toBe(480);
  expect(longestGap([0, 10], { from: 5, to: 300 })).toBe(290);
  expect(longestGap([0, 400], { from: 100, to: 410 })).toBe(400);
});

test('with nobody acknowledging anything the whole span is the gap', () => {
  expect(longestGap([], { from: 100, to: 350 })).toBe(250);
});

test('a write acknowledged by an old primary after the first of the new one is late', () => {
  const rows = [ack({ at: 10, timeline: 1 }), ack({ at: 20, node: 'b', timeline: 2 })];
  const late = ack({ at: 30, node: 'a', timeline: 1 });
  expect(lateAcknowledgements([...rows, late, ack({ at: 40, node: 'b', timeline: 2 })])).toEqual([late]);
});

test('two nodes that both promoted to one timeline are two primaries', () => {
  const late = ack({ at: 30, node: 'b', timeline: 2 });
  expect(lateAcknowledgements([ack({ at: 10, node: 'b', timeline: 2 }), ack({ at: 20, timeline: 2 }), late])).toEqual([
    late,
  ]);
});

test('a primary that goes on without a promotion is late for nobody', () => {
  expect(lateAcknowledgements([ack({ at: 10 }), ack({ at: 5000 })])).toEqual([]);
});

test('an acknowledged row that is absent afterwards is lost, and one that nobody asked about is not', () => {
  const rows = [ack({ id: 'kept' }), ack({ id: 'gone' })];
  const span = { from: 0, to: 0 };
  expect(analyse(rows, { ...span, present: new Set(['kept']) }).lost.map(({ id }) => id)).toEqual(['gone']);
  expect(analyse(rows, { ...span, present: null }).lost).toEqual([]);
});

test('what an earlier failover lost or acknowledged late is none of this one’s concern', () => {
  const earlier = [ack({ at: 1, id: 'gone' }), ack({ at: 2, timeline: 2, node: 'b' }), ack({ at: 3, id: 'late' })];
  const rows = [...earlier, ack({ at: 4, timeline: 2, node: 'b' }), ack({ at: 20, timeline: 3 })];
  const { late, lost } = analyse(rows, { from: 10, to: 30, present: new Set(['w l 1']) });
  expect({ late, lost }).toEqual({ late: [], lost: [] });
});

test('gaps are those of clients outside: one beside a cut-off primary may well be served for a while', () => {
  const rows = [ack({ at: 0 }), ack({ at: 500, place: 'a' }), ack({ at: 1000 })];
  expect(analyse(rows, { from: 0, to: 1000, present: null }).longestGapMs).toBe(1000);
});

function ack(difference: Partial<Acknowledgement>): Acknowledgement {
  const instants = { connectedAt: 0, sentAt: 0, at: 0 };
  const healthy = { id: 'w l 1', writer: 'w', lane: 'l', place: 'outside', ...instants, node: 'a', timeline: 1 };
  return { ...healthy, ...difference };
}
