import { allCheckers } from './checkers/all-checkers.ts';
import type { Checker, Violation } from './checkers/checker.ts';
import type { Fact } from './world/facts.ts';
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
  const hearing = byFact(checkers);
  let first: Violation | null = null;
  let promotions = 0;
  const report = (violation: Violation): void => {
    if (first !== null) return;
    first = violation;
    world.kernel.note('VIOLATION', () => `${violation.checker}: ${violation.message}`);
    world.kernel.stop();
  };
  world.listen((fact) => {
    if (fact.kind === 'promoted') promotions += 1;
    for (const checker of hearing.get(fact.kind) ?? []) {
      const message = checker.see(fact, world.kernel.now);
      if (message !== null) report({ checker: checker.name, at: world.kernel.now, message });
    }
  });
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

function byFact(checkers: readonly Checker[]): ReadonlyMap<Fact['kind'], readonly Checker[]> {
  const kinds = new Set(checkers.flatMap((each) => each.hears));
  return new Map([...kinds].map((kind) => [kind, checkers.filter((each) => each.hears.includes(kind))]));
}
