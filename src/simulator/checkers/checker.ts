import type { Fact } from '../world/facts.ts';

/** A promise that did not hold. `checker` names the promise. */
export type Violation = { readonly checker: string; readonly at: number; readonly message: string };

/**
 * One promise, watched over a whole run. It sees facts only, at the instant at which they become true, and shares no
 * code with the rules that are to keep the promise.
 */
export type Checker = {
  readonly name: string;
  /** It is asked about these and no others: some facts come many times a second. */
  readonly hears: readonly Fact['kind'][];
  /** @returns what is wrong; `null`: nothing. */
  readonly see: (fact: Fact, now: number) => string | null;
  /** At the end of the run. */
  readonly end?: (now: number) => string | null;
};
