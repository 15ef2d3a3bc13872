import { storeKey } from '../../domain/names.ts';
import type { WalBranch } from '../postgres/wal-branch.ts';
import type { Fact, WalEnd } from '../world/facts.ts';
import type { Place } from '../world/network.ts';
import { saysStandbyCluster } from '../world/remote-place.ts';
import type { Checker } from './checker.ts';
import { Excused } from './excused.ts';
import { isManualFailover, SyncFacts } from './sync-facts.ts';

/**
 * In a synchronous mode nothing that clients were told to be done is lost when another member is promoted (spec/ha.md
 * S10): its history contains all that the leaders before it acknowledged. Excused for an operator's manual failover, for
 * what a primary outside the fault model acknowledged, once the mode was off or the store went back to a backup until a leader
 * has written the key as its own, and for what a cluster wrote before it was made to follow another one.
 *
 * Whom an operator names in a manual failover writes the sync key before its promotion, and may die in between: from then
 * on that key elects, also others by its word. What it had then counts, whoever leads next; the rest was given up.
 */
export function acknowledgedIsKept(): Checker {
  const sync = new SyncFacts();
  const excused = new Excused();
  let latest: WalBranch | null = null;
  const founded = new Map<Place, WalBranch>();
  let heir: WalEnd | null = null;
  let isRestored = false;
  let wasOff = false;
  let isFollower = false;
  return {
    name: 'acknowledged-is-kept',
    hears: ['promoted', 'acknowledges', 'electors-change', ...SyncFacts.hears, ...Excused.hears],
    see: (fact) => {
      sync.see(fact);
      excused.see(fact);
      wasOff ||= sync.now.mode === 'off';
      // Nobody writes what comes back with a backup.
      if (fact.kind === 'stored' && fact.value !== null && fact.by === null) isRestored = true;
      if (fact.kind === 'stored' && fact.key === CONFIG) isFollower = saysStandbyCluster(fact.value);
      if (fact.kind === 'electors-change') {
        heir = heirAfter(fact, sync, heir);
        const led = isRestored || wasOff ? whoLeadsByItsKey(fact, sync) : null;
        if (led !== null) {
          latest = led.branch;
          isRestored = wasOff = false;
        }
      }
      // What it wrote on its own is given up: the other cluster has none of it.
      if (isFollower) latest = heir = null;
      // A first branch is a cluster's beginning; it may have been founded twice, and the second holds the lock, or is given it.
      if (fact.kind === 'acknowledges' && fact.branch.parent === null) founded.set(fact.host, fact.branch);
      const isFounding = fact.kind === 'acknowledges' || (fact.kind === 'stored' && fact.key === LEADER);
      const begun = isFounding && sync.now.holder !== null ? founded.get(sync.now.holder) : undefined;
      if (begun !== undefined && !isFollower && (latest === null || latest.parent === null)) latest = begun;
      if (fact.kind !== 'promoted') return null;
      const { host, branch, acknowledged } = fact;
      const before = heir ?? wholeOf(latest);
      latest = isFollower ? null : branch;
      heir = null;
      const { mode, key, request, holder } = sync.atRace;
      const isPromised = mode !== 'off' && sync.now.mode !== 'off' && key !== null && holder === host && !isRestored;
      if (!isPromised || isManualFailover(request, host) || before === null) return null;
      const lost = acknowledged.find((each) => !excused.covers(each.host) && !isKept(each, before, branch));
      if (lost === undefined) return null;
      return `${host} is promoted at ${branch.forkedAt}, and ${lost.host} had acknowledged up to ${lost.position}`;
    },
  };
}

/** Who was named by a manual failover and has written the key as its leader, until a primary writes it as its own. */
function heirAfter(
  { acknowledged, flushed }: Extract<Fact, { readonly kind: 'electors-change' }>,
  { now: { key, holder }, atRace: { request } }: SyncFacts,
  heir: WalEnd | null,
): WalEnd | null {
  if (holder === null || key?.leader !== holder) return heir;
  if (acknowledged.some(({ host }) => host === holder)) return null;
  return isManualFailover(request, holder) ? (flushed.find(({ host }) => host === holder) ?? heir) : heir;
}

/** Who leads, and has written the key as its own since then: all that it tells clients is promised again. */
function whoLeadsByItsKey(
  { acknowledged }: Extract<Fact, { readonly kind: 'electors-change' }>,
  { now: { key, holder, isKeyRestored } }: SyncFacts,
): WalEnd | null {
  if (holder === null || key?.leader !== holder || isKeyRestored) return null;
  return acknowledged.find(({ host }) => host === holder) ?? null;
}

type Line = Pick<WalEnd, 'branch' | 'position'>;

function wholeOf(branch: WalBranch | null): Line | null {
  return branch === null ? null : { branch, position: Number.POSITIVE_INFINITY };
}

/** What was acknowledged on the last leader's line counts, as far as that line went along with it. */
function isKept(end: WalEnd, line: Line, promoted: WalBranch): boolean {
  let reach = line.position;
  for (let { branch }: { branch: WalBranch | null } = line; branch !== null; branch = branch.parent) {
    if (branch === end.branch) return holds(promoted, branch, Math.min(end.position, reach));
    reach = branch.forkedAt;
  }
  return true;
}

function holds(promoted: WalBranch, branch: WalBranch, position: number): boolean {
  let reach = Number.POSITIVE_INFINITY;
  for (let at: WalBranch | null = promoted; at !== null; at = at.parent) {
    if (at === branch) return position <= reach;
    reach = at.forkedAt;
  }
  return position <= branch.forkedAt;
}

const CONFIG = storeKey('config');
const LEADER = storeKey('leader');
