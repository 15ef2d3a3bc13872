import type { SlotName } from '../../domain/names.ts';
import type { Checker } from './checker.ts';

/**
 * A logical slot never skips what its consumer has not seen (spec/ha.md S22, W36): no copy of it is ahead of what was
 * replayed there, or of what the consumer confirmed, and the consumer finds nothing missing where it reads next. A slot
 * that is made new begins anew.
 */
export function logicalSlotsSkipNothing(): Checker {
  const confirmed = new Map<SlotName, number>();
  const reached = (name: SlotName): number => confirmed.get(name) ?? 0;
  return {
    name: 'logical-slots-skip-nothing',
    hears: ['slot', 'slot-consumed'],
    see: (fact) => {
      if (fact.kind === 'slot-consumed') {
        const before = reached(fact.name);
        confirmed.set(fact.name, Math.max(before, fact.to));
        if (fact.from <= before) return null;
        return `the consumer of ${fact.name} goes on at ${fact.host} from ${fact.from} and had ${before}`;
      }
      if (fact.kind !== 'slot' || fact.news.kind === 'dropped') return null;
      const { name, confirmed: at } = fact.news.state;
      if (fact.news.kind === 'created') {
        confirmed.set(name, Math.max(reached(name), at));
        return null;
      }
      const what = `the slot ${name} on ${fact.host} was ${fact.news.kind} to ${at}`;
      if (at > fact.replayed) return `${what}, and only ${fact.replayed} is replayed there`;
      return at > reached(name) ? `${what}, and its consumer has only ${reached(name)}` : null;
    },
  };
}
