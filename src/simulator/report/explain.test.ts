import { expect, test } from 'vitest';
import type { GuardianEffect } from '../../ports/guardian.ts';
import type { DrawnRun } from '../drawn-run.ts';
import { productionMachines } from '../node/production-machines.ts';
import { playRun } from '../run-seed.ts';
import { calmSettings } from '../world/settings.ts';
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

/** One fault matters; the others are there to be dropped. */
const run: DrawnRun = {
  seed: 1,
  settings: { ...calmSettings, loopWait: 3 },
  until: 60_000,
  plan: [
    { at: 15_000, fault: { kind: 'compact-store' } },
    { at: 16_000.25, fault: { kind: 'kill-postgres', target: 2 } },
    { at: 20_000.125, fault: { kind: 'freeze-agent', target: 'leader', span: 31_000.5 } },
    { at: 21_000, fault: { kind: 'move-store-leader' } },
    { at: 50_000, fault: { kind: 'store-outage', span: 1_000 } },
  ],
};

function broken() {
  const result = playRun(run, { machines });
  if (result.kind === 'violation') return { run, violation: result.violation };
  throw new Error('the bug does not show');
}

test('a broken run is made smaller, calmer and rounder, and breaks the same promise', () => {
  const { violation } = broken();

  const small = minimise({ run, violation }, { triesMax: 60, machines });

  expect(small.run.plan).toMatchObject([{ at: 20_000, fault: { kind: 'freeze-agent' } }]);
  expect(small.run.plan).not.toMatchObject([{ fault: { span: 31_000.5 } }]);
  expect(small.run.settings).toEqual(calmSettings);
  expect(playRun(small.run, { machines })).toMatchObject({ violation: { checker: violation.checker } });
});

test('the search ends when its tries are used up', () => {
  const { violation } = broken();

  expect(minimise({ run, violation }, { triesMax: 0, machines }).run).toBe(run);
});

test('an explanation begins and ends with the seed and leaves a scenario that breaks as well', () => {
  const { violation } = broken();

  const lines = explain(run, machines);

  expect(lines[0]).toContain('seed 1');
  expect(lines.at(-1)).toContain('--seed 1');
  expect(lines).toContain('as a scenario:');
  expect(lines).toContain(`test('seed 1: ${violation.checker}', () => {`);
  expect(lines).toContain('  const story = new Scenario({ seed: 1 });');
});

test('a run that keeps every promise says so', () => {
  expect(explain(run)).toEqual(['seed 1: every promise was kept']);
});
