import type { DrawnRun } from '../drawn-run.ts';
import type { Machines } from '../node/machines.ts';
import { productionMachines } from '../node/production-machines.ts';
import { playRun, type RunResult } from '../run-seed.ts';
import { Scenario } from '../scenario.ts';
import { describeDrawn, describePlan, describeViolation } from './describe-run.ts';
import { type BrokenRun, minimise } from './minimise.ts';
import { scenarioText } from './scenario-text.ts';

/**
 * A run that breaks a promise, told to people: what was drawn, the fewest faults that still break it, what happened at
 * the end, and a scenario to keep. The seed is the first and the last line.
 */
export function explain(drawn: DrawnRun, machines: Machines = productionMachines): readonly string[] {
  const { seed } = drawn;
  const found = playRun(drawn, { machines });
  if (found.kind === 'ok') return [`seed ${seed}: every promise was kept`];
  const { violation } = found;
  const happened = found.happened.filter((each) => each.at <= violation.at);
  const small = minimise({ run: { ...drawn, plan: happened }, violation }, { triesMax: TRIES_MAX, machines });
  return [
    ...describeDrawn(drawn),
    describeViolation(violation),
    `its ${happened.length} faults until then:`,
    ...describePlan(happened),
    '',
    `the same promise breaks with ${small.run.plan.length} of them: ${describeViolation(small.violation)}`,
    ...ending(playRun(small.run, { machines, transcript: 'lines' })),
    '',
    isReproduced(small, machines)
      ? 'as a scenario:'
      : 'as a scenario (told step by step it does not break: play the seed):',
    '',
    ...scenarioText(small),
    '',
    `seed ${seed}: again with matriarch simulate --seed ${seed}`,
  ];
}

/** The last lines before the promise broke. */
function ending({ transcript }: RunResult): readonly string[] {
  const broke = transcript.findLastIndex((line) => line.includes('VIOLATION'));
  const end = broke === -1 ? transcript.length : broke + 1;
  return transcript.slice(Math.max(0, end - LINES_SHOWN), end);
}

/** A scenario steps from fault to fault where a run has them planned; nearly always that is the same. */
function isReproduced({ run, violation }: BrokenRun, machines: Machines): boolean {
  const story = new Scenario({ seed: run.seed, machines, ...run.settings });
  try {
    play(story, run, violation.at);
  } catch {
    return false;
  }
  return story.violation?.checker === violation.checker;
}

function play(story: Scenario, run: DrawnRun, brokeAt: number): void {
  for (const { at, fault } of run.plan) story.at(at).happens(fault);
  if (brokeAt > run.until) story.at(run.until).recovers();
  else story.at(Math.ceil(brokeAt + 1));
}

const TRIES_MAX = 200;
const LINES_SHOWN = 80;
