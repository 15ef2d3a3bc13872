import type { Violation } from '../checkers/checker.ts';
import type { DrawnRun } from '../drawn-run.ts';
import type { Fault } from '../faults/fault.ts';
import type { Machines } from '../node/machines.ts';
import { playRun } from '../run-seed.ts';
import { calmSettings, type Settings } from '../world/settings.ts';

export type BrokenRun = { readonly run: DrawnRun; readonly violation: Violation };

/**
 * A smaller run that breaks the same promise: faults dropped, spans shortened, drawn parameters replaced by the calm
 * world's. Greedy, and given up after `triesMax` runs: what is left is small, not smallest.
 */
export function minimise(
  broken: BrokenRun,
  options: { readonly triesMax: number; readonly machines: Machines },
): BrokenRun {
  const search = new Search(broken, options);
  search.endAtViolation();
  search.dropFaults();
  search.calmDown();
  search.shortenSpans();
  search.dropFaults();
  search.roundNumbers();
  return search.best;
}

class Search {
  #best: BrokenRun;
  #triesLeft: number;
  readonly #machines: Machines;

  constructor(broken: BrokenRun, options: { readonly triesMax: number; readonly machines: Machines }) {
    this.#best = broken;
    this.#triesLeft = options.triesMax;
    this.#machines = options.machines;
  }

  get best(): BrokenRun {
    return this.#best;
  }

  /** What comes after the violation cannot have caused it. Recovery needs its faults to end, so there it stays. */
  endAtViolation(): void {
    const { run, violation } = this.#best;
    const until = Math.min(run.until, violation.at + 1);
    this.#try({ ...run, until, plan: run.plan.filter((each) => each.at <= violation.at) });
  }

  /** Halves first, then quarters, at last one by one. */
  dropFaults(): void {
    for (let size = Math.ceil(this.#best.run.plan.length / 2); size >= 1; size = Math.floor(size / 2)) {
      // From the end: late faults are the more likely to be beside the point.
      for (let end = this.#best.run.plan.length; end > 0; end -= size) {
        const { run } = this.#best;
        const from = Math.max(0, end - size);
        this.#try({ ...run, plan: [...run.plan.slice(0, from), ...run.plan.slice(end)] });
      }
    }
  }

  calmDown(): void {
    const calm = Object.entries(calmSettings);
    for (const [name, value] of calm) {
      const { run } = this.#best;
      const settings: Settings = { ...run.settings, [name]: value };
      if (JSON.stringify(settings) !== JSON.stringify(run.settings)) this.#try({ ...run, settings });
    }
  }

  shortenSpans(): void {
    for (let index = 0; index < this.#best.run.plan.length; index += 1) {
      for (let times = 0; times < HALVINGS_MAX; times += 1) {
        const { run } = this.#best;
        const planned = run.plan[index];
        if (planned === undefined || !('span' in planned.fault)) break;
        const shorter = { ...planned, fault: { ...planned.fault, span: planned.fault.span / 2 } };
        if (!this.#try({ ...run, plan: run.plan.with(index, shorter) })) break;
      }
    }
  }

  /** For the eye of whoever reads the scenario. */
  roundNumbers(): void {
    const { run } = this.#best;
    const plan = run.plan.map(({ at, fault }) => ({ at: Math.round(at), fault: rounded(fault) }));
    this.#try({ ...run, until: Math.ceil(run.until), plan, settings: withRoundSpans(run.settings) });
  }

  #try(run: DrawnRun): boolean {
    if (this.#triesLeft === 0) return false;
    this.#triesLeft -= 1;
    const played = playRun(run, { machines: this.#machines });
    if (played.kind === 'ok' || played.violation.checker !== this.#best.violation.checker) return false;
    // What did not happen any more is not needed either.
    this.#best = { run: { ...run, plan: played.happened }, violation: played.violation };
    return true;
  }
}

function rounded(fault: Fault): Fault {
  if ('probability' in fault) {
    return { ...fault, span: Math.round(fault.span), probability: Math.round(fault.probability * 100) / 100 };
  }
  return 'span' in fault ? { ...fault, span: Math.round(fault.span) } : fault;
}

function withRoundSpans(settings: Settings): Settings {
  let round = settings;
  for (const [name, value] of Object.entries<unknown>(settings)) round = { ...round, [name]: roundSpan(value) };
  return round;
}

function roundSpan(value: unknown): unknown {
  const isSpan = typeof value === 'object' && value !== null && 'from' in value && 'to' in value;
  if (!isSpan || typeof value.to !== 'number' || value.to < 10) return value;
  return { from: value.from, to: Math.round(value.to) };
}

const HALVINGS_MAX = 4;
