import { expect, test } from 'vitest';
import { mayLead } from './checkers/tags.ts';
import { type DrawnRun, drawRun } from './drawn-run.ts';
import type { PlannedFault } from './faults/fault.ts';
import { placeOf } from './world/network.ts';

const SEEDS = 3_000;

test('some runs have many kinds of faults, and some only a few, which come again and again', () => {
  const runs = Array.from({ length: SEEDS }, (_, seed) => drawRun(seed).plan);
  const kinds = runs.map((plan) => new Set(plan.map(({ fault }) => fault.kind)).size).toSorted((a, b) => a - b);
  const perKind = (plan: (typeof runs)[number]) => plan.length / new Set(plan.map(({ fault }) => fault.kind)).size;

  expect(kinds.at(SEEDS / 10)).toBeLessThan((kinds.at((9 * SEEDS) / 10) ?? 0) / 2);
  expect(Math.max(...runs.map(perKind))).toBeGreaterThan(4);
});

test('whom its file keeps from leading is let lead by no other file for a while, in any mode (seeds 9110035, 10013325)', () => {
  const runs = Array.from({ length: SEEDS }, (_, seed) => drawRun(seed));
  const edits = runs.flatMap((run) => run.plan.flatMap(({ fault }) => editOfBarred(run, fault)));

  expect(edits.length).toBeGreaterThan(10);
  expect(edits.filter(({ tags }) => mayLead(tags))).toEqual([]);
});

/** The tags that this fault gives a member whose own file keeps it from leading. */
function editOfBarred({ seed, settings }: DrawnRun, fault: PlannedFault['fault']) {
  if (fault.kind !== 'restart-with-file' || typeof fault.target !== 'number') return [];
  const own = settings.tags[placeOf(fault.target)] ?? {};
  return mayLead(own) || fault.file.tags === undefined ? [] : [{ seed, tags: fault.file.tags }];
}
