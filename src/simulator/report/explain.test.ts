import { expect, test } from 'vitest';
import type { GuardianEffect } from '../../ports/guardian.ts';
import { drawRun } from '../drawn-run.ts';
import { productionMachines } from '../node/production-machines.ts';
import { playRun } from '../run-seed.ts';
import { explain } from './explain.ts';
import { minimise } from './minimise.ts';

/** A guardian that never fences: whoever freezes for long breaks a promise. */
const harmless = (effect: GuardianEffect) => effect.kind !== 'hard-fence' && effect.kind !== 'fast-stop';
const machines = {
  ...productionMachines,
  guardian: (start: Parameters<typeof productionMachines.guardian>[0]) => {
    const step = productionMachines.guardian(start);
    return (event: Parameters<typeof step>[0]) => step(event).filter(harmless);
  },
};

function firstBroken() {
  for (let seed = 1; seed < 50; seed += 1) {
    const result = playRun(drawRun(seed), { machines });
    if (result.kind === 'violation') return result;
  }
  throw new Error('no seed shows the bug');
}

test('a broken run is made smaller, and breaks the same promise', () => {
  const { run, violation } = firstBroken();

  const small = minimise({ run, violation }, { triesMax: 60, machines });
  const again = playRun(small.run, { machines });

  expect(small.run.plan.length).toBeLessThan(run.plan.length);
  expect(small.run.plan.length).toBeLessThanOrEqual(5);
  expect(again).toMatchObject({ kind: 'violation', violation: { checker: violation.checker } });
});

test('an explanation begins and ends with the seed and leaves a scenario that breaks as well', () => {
  const { run, violation } = firstBroken();

  const lines = explain(run.seed, machines);

  expect(lines[0]).toContain(`seed ${run.seed}`);
  expect(lines.at(-1)).toContain(`--seed ${run.seed}`);
  expect(lines).toContain('as a scenario:');
  expect(lines).toContain(`test('seed ${run.seed}: ${violation.checker}', () => {`);
});

test('a seed that keeps every promise says so', () => {
  expect(explain(1)).toEqual(['seed 1: every promise was kept']);
});
