import { describe, expect, test } from 'vitest';
import { memberName } from '../../src/domain/names.ts';
import type { Instant } from '../../src/domain/time.ts';
import { postgresContradictions, storeContradictions } from '../../src/simulator/conformance/contradictions.ts';
import type { RecordedMember } from '../../src/simulator/conformance/recorded-member.ts';
import { recordingMachines } from '../../src/simulator/conformance/recording-machines.ts';
import { Scenario } from '../../src/simulator/scenario.ts';

/** A failover, a switchover, and every member's PostgreSQL started more than once. */
const told = ((): readonly RecordedMember[] => {
  const { machines, recorded } = recordingMachines();
  const story = new Scenario({ machines }).untilHealthy();
  const first = story.leader();
  story.happens({ kind: 'power-off', target: story.numberOf(first), span: 8_000 }).untilLeaderIsNot(first, 6_500);
  story.passes(10_000).untilHealthy();
  story
    .happens({ kind: 'kill-postmaster', target: story.numberOf(story.leader()) })
    .passes(3_000)
    .untilHealthy();
  return recorded();
})();

const own = { kind: 'each its own' } as const;

test('what the models do is what their laws say', () => {
  expect(storeContradictions(told, own)).toEqual([]);
  expect(postgresContradictions(told)).toEqual([]);
});

type Step = RecordedMember['agent'][number][number];

/** The same record with the first step that `change` changes. */
function withOne(change: (step: Step) => Step | null): readonly RecordedMember[] {
  let isDone = false;
  const changed = (step: Step): Step => {
    const other = isDone ? null : change(step);
    isDone ||= other !== null;
    return other ?? step;
  };
  const members = told.map((member) => ({ ...member, agent: member.agent.map((life) => life.map(changed)) }));
  expect(isDone).toBe(true);
  return members;
}

describe('a store that does what the model would not do is found out', () => {
  test('a picture that shows a lock which nobody wrote', () => {
    const members = withOne((step) => {
      if (step.event.kind !== 'view' || step.event.view.lock === null) return null;
      const lock = { ...step.event.view.lock, holder: memberName('somebody') };
      return { ...step, event: { ...step.event, view: { ...step.event.view, lock } } };
    });
    expect(storeContradictions(members, own)).toEqual([expect.stringMatching(/^store, revision \d+: .* saw /)]);
  });

  test('a picture that is called gapless and skips a revision', () => {
    let known: bigint | null = null;
    const members = withOne((step) => {
      if (step.event.kind !== 'view') return null;
      const { revision } = step.event.view;
      const isSkipping = known !== null && revision > known + 1n && !step.event.gapless;
      known = revision;
      return isSkipping ? { ...step, event: { ...step.event, gapless: true } } : null;
    });
    expect(storeContradictions(members, own)).toEqual([expect.stringContaining('as gapless')]);
  });

  test('a write that is refused though its conditions hold', () => {
    const members = withOne((step) => {
      if (step.event.kind !== 'write-answered' || step.event.outcome.kind !== 'written') return null;
      return { ...step, event: { ...step.event, outcome: { ...step.event.outcome, kind: 'conflict' } } };
    });
    expect(storeContradictions(members, own)).toHaveLength(1);
  });
});

describe('a PostgreSQL that does what the model would not do is found out', () => {
  test('a primary whose WAL becomes shorter', () => {
    let reports = 0;
    const members = withOne((step) => {
      const { event } = step;
      if (event.kind !== 'postgres' || event.report.server.kind !== 'primary') return null;
      reports += 1;
      if (reports < 4) return null;
      const server = {
        ...event.report.server,
        flushLsn: (event.report.server.flushLsn * 2n) as typeof event.report.server.flushLsn,
      };
      return { ...step, event: { ...event, report: { ...event.report, server } } };
    });
    expect(postgresContradictions(members)).toEqual([expect.stringMatching(/position \d+ after \d+ on timeline \d+/)]);
  });

  test('a stop that is done, and a server that answers after it', () => {
    const done = told.flatMap(({ agent }) => agent.flat()).find(({ event }) => event.kind === 'task-ended');
    expect(done?.event.kind).toBe('task-ended');
    const ended: Instant | undefined = done?.event.at;
    const members = withOne((step) => {
      const { event } = step;
      if (event.kind !== 'postgres' || ended === undefined || event.report.observedAt < ended) return null;
      const none = { ...event.report, process: { kind: 'none' } as const, server: { kind: 'rejecting' } as const };
      return { ...step, event: { ...event, report: none } };
    });
    expect(postgresContradictions(members)).not.toEqual([]);
  });
});
