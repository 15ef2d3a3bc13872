import { storeKey } from '../../domain/names.ts';
import type { Place } from '../world/network.ts';
import type { Checker } from './checker.ts';

/**
 * A leader's member value says nothing of a missing checkpoint only once the checkpoint of its timeline is done: whoever
 * rewinds from it trusts that (spec/ha.md S27). A value that was under way for long tells its own, older timeline, and of
 * that one it is true.
 */
export function checkpointFlagTellsTheTruth(): Checker {
  /** Promoted, and not checkpointed on the new timeline since. */
  const unfinished = new Map<Place, number>();
  let holder: string | null = null;
  return {
    name: 'checkpoint-flag-tells-the-truth',
    hears: ['checkpointed', 'files-replaced', 'promoted', 'server', 'stored'],
    see: (fact) => {
      if (fact.kind === 'promoted') unfinished.set(fact.host, fact.branch.timeline);
      if (fact.kind === 'checkpointed' || fact.kind === 'files-replaced') unfinished.delete(fact.host);
      // A stop in order ends with a checkpoint, too.
      if (fact.kind === 'server' && fact.files?.control === 'shut down') unfinished.delete(fact.host);
      if (fact.kind !== 'stored') return null;
      if (fact.key === LEADER) holder = fact.value;
      if (fact.value === null || fact.by === null || fact.by !== holder) return null;
      const timeline = unfinished.get(fact.by);
      if (timeline === undefined || fact.key !== `members/${fact.by}`) return null;
      if (!saysCheckpointed(fact.value) || timelineIn(fact.value) < timeline) return null;
      return `${fact.by} publishes itself as a primary that has checkpointed, and has not`;
    },
  };
}

/** By the value as it lies in the store: `checkpoint_after_promote` absent is how a finished checkpoint is told. */
function saysCheckpointed(value: string): boolean {
  const isPrimary = /"role":\s*"(primary|master)"/.test(value);
  return isPrimary && !/"checkpoint_after_promote":\s*false/.test(value);
}

/** A value that does not say it may be taken for any. */
function timelineIn(value: string): number {
  return Number(/"timeline":\s*(\d+)/.exec(value)?.[1] ?? Infinity);
}

const LEADER = storeKey('leader');
