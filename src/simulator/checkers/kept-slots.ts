import { memberName, type SlotName, slotName, slotNameOf } from '../../domain/names.ts';
import { mayEverLead, neverStreams, type Tags } from '../../domain/tags.ts';
import type { Fact } from '../world/facts.ts';
import { type Place, placeOf } from '../world/network.ts';
import type { Settings } from '../world/settings.ts';
import type { Checker } from './checker.ts';

/**
 * No agent that may ever lead drops a slot that somebody counts on: a permanent one, or that of a member, whose slot is
 * kept for longer than a run lasts (docs/faults.md, spec/ha.md SL18). One whose WAL is gone keeps nothing any more.
 */
export function slotsAreKept(settings: Settings): Checker {
  const tags = new Map<Place, Tags>();
  const members = Array.from({ length: settings.nodes }, (_, index) => placeOf(index));
  const permanent = new Set<SlotName>(Object.keys(settings.slots).map(slotName));
  const isOfMember = (name: SlotName): boolean =>
    members.some((place) => slotNameOf(memberName(place)) === name && !neverStreams(tags.get(place) ?? {}));
  return {
    name: 'slots-are-kept',
    hears: ['slot', 'agent-began'],
    see: (fact: Fact) => {
      if (fact.kind === 'agent-began') tags.set(fact.host, fact.tags);
      if (fact.kind !== 'slot' || fact.news.kind !== 'dropped' || fact.news.wasLost) return null;
      const { name } = fact.news;
      const own = tags.get(fact.host) ?? {};
      const isOwn = slotNameOf(memberName(fact.host)) === name;
      if (isOwn || !mayEverLead(own) || neverStreams(own)) return null;
      if (permanent.has(name)) return `the permanent slot ${name} is dropped on ${fact.host}`;
      return isOfMember(name) ? `the slot of the member ${name} is dropped on ${fact.host}` : null;
    },
  };
}
