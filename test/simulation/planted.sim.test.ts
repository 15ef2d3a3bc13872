import { expect, test } from 'vitest';
import type { GuardianEffect } from '../../src/ports/guardian.ts';
import type { Machines } from '../../src/simulator/node/machines.ts';
import { productionMachines } from '../../src/simulator/node/production-machines.ts';
import { Scenario } from '../../src/simulator/scenario.ts';

/** The production machines with one bug in them: a checker that stays silent then is no checker. */
function withBug(bug: Partial<Machines>): Machines {
  return { ...productionMachines, ...bug };
}

test('a guardian that does not fence is caught when its agent freezes', () => {
  const harmless = (effect: GuardianEffect) => effect.kind !== 'hard-fence' && effect.kind !== 'fast-stop';
  const machines = withBug({
    guardian: (start) => {
      const step = productionMachines.guardian(start);
      return (event) => step(event).filter(harmless);
    },
  });
  const story = new Scenario({ machines }).untilHealthy();

  story.happens({ kind: 'freeze-agent', target: 'leader', span: 20_000 }).passes(20_000);

  expect(['one-acknowledges', 'no-acknowledgement-after-deadline']).toContain(story.violation?.checker);
});

test('an agent that defects is caught', () => {
  const machines = withBug({
    agent: (start) => {
      const machine = productionMachines.agent(start);
      const step: typeof machine.step = (event) => {
        if (event.kind === 'view' && event.view.members.length > 1) throw new Error('a planted defect');
        return machine.step(event);
      };
      return { ...machine, step };
    },
  });

  const story = new Scenario({ machines }).passes(10_000);

  expect(story.violation?.checker).toBe('no-defect');
});

test('a lease that is counted from the reply is caught when replies are slow', () => {
  const machines = withBug({
    heartbeat: (start) => {
      const { step, leaseFact } = productionMachines.heartbeat(start);
      return { step: (event) => step('sentAt' in event ? { ...event, sentAt: event.at } : event), leaseFact };
    },
  });
  const story = new Scenario({ machines, ttl: 30, loopWait: 10, retryTimeout: 10 }).untilHealthy();

  story.happens({ kind: 'slow-store', extraMs: 1_450, span: 120_000 }).passes(20_000);
  story.happens({ kind: 'freeze-agent', target: 'leader', span: 60_000 }).passes(60_000);

  expect(story.violation?.checker).toBe('no-acknowledgement-after-deadline');
});

test('a device that keeps its time-out while the lock moves to a shorter lease is caught', () => {
  const resets = (effect: GuardianEffect) => effect.kind === 'watchdog' && effect.action.kind === 'set-timeout';
  const machines = withBug({
    guardian: (start) => {
      const step = productionMachines.guardian(start);
      return (event) => step(event).filter((effect) => !resets(effect));
    },
  });
  const watchdog = { mode: 'automatic', safetyMargin: 5, canClose: true, stepMs: 1_000 } as const;
  const story = new Scenario({ machines, ttl: 30, loopWait: 10, retryTimeout: 10, watchdog }).untilHealthy();

  story.happens({ kind: 'change-timings', of: 'leader', ttl: 10, loopWait: 4, retryTimeout: 3 }).passes(1_000);

  expect(story.violation?.checker).toBe('watchdog-ends-writing');
});
