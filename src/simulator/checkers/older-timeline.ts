import { type Revision, storeKey } from '../../domain/names.ts';
import type { Place } from '../world/network.ts';
import { saysStandbyCluster } from '../world/remote-place.ts';
import type { Checker } from './checker.ts';

/**
 * Nobody takes the lock and is promoted, or goes on as a primary, on a timeline before the one that the cluster's history
 * told it of, however much WAL it has and whoever named it: the cluster went on without that WAL. Where another cluster is followed the timelines
 * are that one's.
 */
export function nobodyLeadsFromAnOlderTimeline(): Checker {
  let told: readonly Told[] = [];
  let followsAnother = false;
  const seen = new Map<Place, Revision>();
  const acknowledging = new Map<Place, number>();
  /** What each knew when it took the lock. */
  const known = new Map<Place, number>();
  return {
    name: 'nobody-leads-from-an-older-timeline',
    hears: ['acknowledges', 'falls-quiet', 'picture-seen', 'promoting', 'stored'],
    see: (fact) => {
      if (fact.kind === 'acknowledges') acknowledging.set(fact.host, fact.branch.timeline);
      if (fact.kind === 'falls-quiet') acknowledging.delete(fact.host);
      if (fact.kind === 'picture-seen') seen.set(fact.host, fact.revision);
      if (fact.kind === 'stored' && fact.key === CONFIG) {
        followsAnother = saysStandbyCluster(fact.value);
        // Its own timelines are rewound, also by whoever keeps the lock meanwhile.
        if (followsAnother) known.clear();
      }
      if (fact.kind === 'stored' && fact.key === HISTORY) {
        // A backup brings an earlier one back, and what was seen before tells nothing of it.
        if (fact.revision <= (told.at(-1)?.since ?? fact.revision - 1n)) seen.clear();
        const earlier = told.filter(({ since }) => since < fact.revision);
        const timeline = newestIn(fact.value);
        told = [...earlier, { since: fact.revision, timeline }];
        // Whoever creates the next cluster under its lock empties what the last one left.
        if (fact.by !== null && known.has(fact.by)) known.set(fact.by, timeline);
      }
      if (fact.kind === 'stored' && fact.key === LEADER && fact.value !== null && fact.value !== fact.previous) {
        const upTo = seen.get(fact.value) ?? 0n;
        const timeline = followsAnother ? 1 : (told.findLast(({ since }) => since <= upTo)?.timeline ?? 1);
        known.set(fact.value, timeline);
        const on = acknowledging.get(fact.value);
        return on === undefined || on >= timeline
          ? null
          : `${fact.value} leads on timeline ${on}, and knew of ${timeline}`;
      }
      if (fact.kind !== 'promoting' || fact.branch.timeline >= (known.get(fact.host) ?? 1)) return null;
      return `${fact.host} is promoted from timeline ${fact.branch.timeline}, and knew of ${known.get(fact.host) ?? 1}`;
    },
  };
}

type Told = { readonly since: Revision; readonly timeline: number };

/** Each line is of a timeline that was left: the cluster is on the next. */
function newestIn(history: string | null): number {
  const numbers = [...(history ?? '').matchAll(/\[(\d+),/g)].map(([, digits]) => Number(digits));
  return Math.max(0, ...numbers) + 1;
}

const CONFIG = storeKey('config');
const HISTORY = storeKey('history');
const LEADER = storeKey('leader');
