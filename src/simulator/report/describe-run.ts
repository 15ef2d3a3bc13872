import type { Violation } from '../checkers/checker.ts';
import type { DrawnRun } from '../drawn-run.ts';
import { describeFault, type PlannedFault } from '../faults/fault.ts';
import { calmSettings } from '../world/settings.ts';
import { tsLiteral } from './ts-literal.ts';

/** What was drawn, as lines for people: the seed first, then where its world differs from the calm one. */
export function describeDrawn(run: DrawnRun): readonly string[] {
  const differences = Object.entries(settingsDrawn(run)).map(([name, value]) => `  ${name}: ${tsLiteral(value)}`);
  return [
    `seed ${run.seed}: ${minutes(run.until)} with ${run.plan.length} planned faults, then recovery`,
    'drawn, where it is not the calm world:',
    ...differences,
  ];
}

/** Only what differs from the world that scenarios start from. */
export function settingsDrawn(run: DrawnRun): Readonly<Record<string, unknown>> {
  const calm = new Map<string, unknown>(Object.entries(calmSettings));
  return Object.fromEntries(
    Object.entries(run.settings).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(calm.get(name))),
  );
}

export function describePlan(plan: readonly PlannedFault[]): readonly string[] {
  return plan.map(({ at, fault }) => `  ${atSecond(at).padStart(11)}  ${describeFault(fault)}`);
}

export function describeViolation(violation: Violation): string {
  return `${violation.checker} violated at ${atSecond(violation.at)}: ${violation.message}`;
}

function atSecond(time: number): string {
  return `${(time / 1000).toFixed(3)} s`;
}

function minutes(time: number): string {
  return `${(time / 60_000).toFixed(1)} min`;
}
