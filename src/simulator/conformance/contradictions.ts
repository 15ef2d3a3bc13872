import { walkKeySpace } from './key-space-walk.ts';
import { type LeaseAllowance, leaseContradictions } from './lease-times.ts';
import { postgresSteps } from './postgres-record.ts';
import type { RecordedMember } from './recorded-member.ts';
import { orderContradictions } from './report-order.ts';
import { shapeContradiction } from './report-shape.ts';
import { revisionContradictions } from './revision-times.ts';
import { storeRecord } from './store-record.ts';
import { resultContradictions } from './task-results.ts';
import { watchContradictions } from './watch-order.ts';

/**
 * Where the recorded store of one cluster did what the store's model would not have done.
 * @param recorded of every member, from the cluster's beginning on.
 * @param clocks `one`: all members recorded by one clock, so that times can be compared across them.
 */
export function storeContradictions(
  recorded: readonly RecordedMember[],
  clocks: { readonly kind: 'each its own' } | { readonly kind: 'one'; readonly allowance: LeaseAllowance },
): readonly string[] {
  const record = storeRecord(recorded);
  const walk = walkKeySpace(record);
  return [
    ...watchContradictions(record.watches),
    ...(walk.kind === 'contradiction' ? [`store, revision ${walk.at}: ${walk.why}`] : []),
    ...(clocks.kind === 'one' ? revisionContradictions(record, walk.causes) : []),
    ...(clocks.kind === 'one' ? leaseContradictions(record, walk.causes, clocks.allowance) : []),
  ];
}

/** The same for each member's PostgreSQL. */
export function postgresContradictions(recorded: readonly RecordedMember[]): readonly string[] {
  return recorded.flatMap((member) => {
    const steps = postgresSteps(member);
    const shapes = steps.flatMap((step) => {
      const problem = step.kind === 'report' ? shapeContradiction(step.report) : null;
      return problem === null ? [] : [problem];
    });
    return [...shapes, ...orderContradictions(steps), ...resultContradictions(steps)].map(
      (problem) => `PostgreSQL of ${member.name}: ${problem}`,
    );
  });
}
