import { allCheckers } from './checkers/all-checkers.ts';
import type { Violation } from './checkers/checker.ts';
import type { World } from './world/world.ts';

export type Watch = {
  readonly violation: () => Violation | null;
  readonly report: (violation: Violation) => void;
  readonly end: () => void;
  readonly promotions: () => number;
};

/** All checkers on one world; the first violation stops it. */
export function watchWorld(world: World): Watch {
  const checkers = allCheckers(world.settings);
  let first: Violation | null = null;
  let promotions = 0;
  const report = (violation: Violation): void => {
    if (first !== null) return;
    first = violation;
    world.kernel.note('VIOLATION', () => `${violation.checker}: ${violation.message}`);
    world.kernel.stop();
  };
  world.listen(() => {
    promotions += 1;
  }, ['promoted']);
  for (const checker of checkers) {
    world.listen((fact) => {
      const message = checker.see(fact, world.kernel.now);
      if (message !== null) report({ checker: checker.name, at: world.kernel.now, message });
    }, checker.hears);
  }
  return {
    violation: () => first,
    report,
    promotions: () => promotions,
    end: () => {
      for (const checker of checkers) {
        const message = checker.end?.(world.kernel.now) ?? null;
        if (message !== null) report({ checker: checker.name, at: world.kernel.now, message });
      }
    },
  };
}
