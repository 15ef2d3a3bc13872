import { storeKey } from '../../domain/names.ts';
import type { Checker } from './checker.ts';
import { Excused } from './excused.ts';
import { SyncFacts } from './sync-facts.ts';

/**
 * Nobody is promoted that lags more than `maximum_lag_on_failover` behind the position that the last leader published
 * (docs/faults.md, "What may be lost"), unless an operator named it, or its machine has just stood still with its clocks.
 * In a synchronous mode it is another proof that counts: what was acknowledged, not what was written.
 */
export function lagLimitIsKept(options: { readonly limitBytes: number }): Checker {
  const stoodStill = new Excused('the machine stood still');
  const sync = new SyncFacts();
  let published: number | null = null;
  let requested: string | null = null;
  return {
    name: 'lag-limit-is-kept',
    hears: ['promoting', 'stored', ...Excused.hears],
    see: (fact) => {
      stoodStill.see(fact);
      sync.see(fact);
      if (fact.kind === 'stored' && fact.key === STATUS) published = positionIn(fact.value);
      if (fact.kind === 'stored' && fact.key === FAILOVER) requested = fact.value;
      if (fact.kind !== 'promoting' || published === null || stoodStill.covers(fact.host)) return null;
      if (sync.atRace.mode !== 'off' && sync.atRace.key !== null) return null;
      const lag = published - fact.position;
      if (lag <= options.limitBytes || requested?.includes(`"${fact.host}"`) === true) return null;
      return `${fact.host} is promoted ${lag} bytes behind what the last leader published`;
    },
  };
}

/** By the value as it lies in the store. */
function positionIn(status: string | null): number | null {
  const digits = /"optime":\s*(\d+)/.exec(status ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}

const STATUS = storeKey('status');
const FAILOVER = storeKey('failover');
