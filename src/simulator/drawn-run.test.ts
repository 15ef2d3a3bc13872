import { expect, test } from 'vitest';
import { mayLead } from './checkers/tags.ts';
import { type DrawnRun, drawRun } from './drawn-run.ts';
import type { PlannedFault } from './faults/fault.ts';
import { placeOf } from './world/network.ts';

const SEEDS = [9_110_035, 10_013_325];

test('whom its file keeps from leading is let lead by no other file for a while, in any mode (seeds 9110035, 10013325)', () => {
  const runs = [...SEEDS, ...Array.from({ length: 300 }, (_, seed) => seed)].map(drawRun);
  const edits = runs.flatMap((run) => run.plan.flatMap(({ fault }) => editOfBarred(run, fault)));

  expect(edits.map(({ seed }) => seed)).toEqual(expect.arrayContaining(SEEDS));
  expect(edits.filter(({ tags }) => mayLead(tags))).toEqual([]);
});

/** The tags that this fault gives a member whose own file keeps it from leading. */
function editOfBarred({ seed, settings }: DrawnRun, fault: PlannedFault['fault']) {
  if (fault.kind !== 'restart-with-file' || typeof fault.target !== 'number') return [];
  const own = settings.tags[placeOf(fault.target)] ?? {};
  return mayLead(own) || fault.file.tags === undefined ? [] : [{ seed, tags: fault.file.tags }];
}
