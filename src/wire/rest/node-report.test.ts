import { expect, test } from 'vitest';
import { readReport } from './node-report.ts';

const status = {
  role: 'primary',
  state: 'running',
  timeline: 3,
  xlog: { location: 50_485_856 },
  server_version: 150_008,
};
const decision = {
  rule: 'lead',
  action: { kind: 'stay' },
  waits_for: null,
  lock: { kind: 'held', deadline_in_ms: 4_200, guardian: 'armed' },
};

function report(differing: { status?: object | null; decision?: object | null }) {
  const body = (value: object | null | undefined, healthy: object) =>
    value === null ? null : JSON.stringify({ ...healthy, ...value });
  return readReport({
    status: body(differing.status, status),
    decision: body(differing.decision, decision),
    askedAt: 1_000,
  });
}

test('a primary with the lock', () => {
  expect(report({})).toEqual({
    kind: 'answered',
    role: 'primary',
    state: 'running',
    replication: null,
    timeline: 3,
    lsn: 50_485_856n,
    lock: { kind: 'held', deadline: 5_200 },
    doing: { rule: 'lead', action: 'stay', waitsFor: null },
    isPaused: false,
  });
});

test('a replica says what it has received, and how it streams', () => {
  const xlog = { received_location: 10, replayed_location: 9, replayed_timestamp: null, paused: false };
  const lock = { kind: 'not-held' };
  const answer = report({
    status: { role: 'replica', replication_state: 'streaming', xlog, pause: true },
    decision: { lock },
  });
  expect(answer).toMatchObject({ replication: 'streaming', lsn: 10n, lock, isPaused: true });
});

test('what a node does not say is not known', () => {
  const silent = { timeline: undefined, xlog: undefined };
  expect(report({ status: silent, decision: { lock: { kind: 'doubtful', deadline_in_ms: 5 } } })).toMatchObject({
    timeline: null,
    lsn: null,
    lock: { kind: 'unknown' },
  });
});

test('an agent that does not explain itself says what it is all the same', () => {
  const known = { kind: 'answered', role: 'primary', lock: { kind: 'unknown' }, doing: null };
  expect(report({ decision: null })).toMatchObject(known);
  expect(report({ decision: { rule: undefined, action: undefined } })).toMatchObject(known);
});

test('without a status there is no answer', () => {
  expect(report({ status: null })).toEqual({ kind: 'no-answer' });
  expect(readReport({ status: 'no JSON', decision: '{}', askedAt: 0 })).toEqual({ kind: 'no-answer' });
});
