import { settingsDrawn } from './describe-run.ts';
import type { BrokenRun } from './minimise.ts';
import { tsLiteral } from './ts-literal.ts';

/** The run as a test in the scenario language, to be pasted into test/simulation and given a better name. */
export function scenarioText({ run, violation }: BrokenRun): readonly string[] {
  const { checker } = violation;
  return [
    `test('seed ${run.seed}: ${checker}', () => {`,
    `  const story = new Scenario(${tsLiteral({ seed: run.seed, ...settingsDrawn(run) })});`,
    '',
    ...run.plan.map(({ at, fault }) => `  story.at(${tsLiteral(at)}).happens(${tsLiteral(fault)});`),
    `  ${lastStep({ run, violation })}`,
    '',
    '  expect(story.violation, story.ending()).toBeNull();',
    '});',
  ];
}

/** A promise about what may not happen is broken before the faults end; one about recovery after that. */
function lastStep({ run, violation }: BrokenRun): string {
  if (violation.at > run.until) return `story.at(${tsLiteral(run.until)}).recovers();`;
  return `story.at(${tsLiteral(Math.ceil(violation.at + 1))});`;
}
