import { storeKey } from '../../domain/names.ts';
import type { WalBranch } from '../postgres/wal-branch.ts';
import type { FilesState, WalEnd } from '../world/facts.ts';
import type { Place } from '../world/network.ts';
import type { Settings } from '../world/settings.ts';
import type { Checker } from './checker.ts';
import { Disturbances } from './disturbances.ts';
import { Excused } from './excused.ts';
import { SyncFacts, type SyncWorld } from './sync-facts.ts';
import { mayLead } from './tags.ts';

/**
 * Nobody is promoted past a member that has more (spec/ha.md S9, W31): a standby that ran and could be asked all the
 * while, may lead (it has a guardian, and its watchdog is of use, if one is required), and holds WAL of the same history that the winner lacks.
 * Excused where an operator named the winner, where something was wrong with the one or the other lately, so that no answer
 * could be expected, where all that the winner lacks is the record of a former leader's shutdown checkpoint, which holds no write of a client, and where what
 * the other one holds grows meanwhile: it catches up with a server that lives, or a primary that docs/faults.md says may go
 * on (after a pause, as it does) still writes.
 */
export function nobodyAheadIsPassedOver(settings: Pick<Settings, 'ttl' | 'watchdog'>): Checker {
  const disturbances = new Disturbances();
  const barred = new Set<Place>();
  const unwatched = new Set<Place>();
  const unguarded = new Set<Place>();
  const standbySince = new Map<Place, number>();
  const agentSince = new Map<Place, number>();
  const shutdowns = new Map<Place, FilesState>();
  const excused = new Excused();
  const acknowledging = new Set<Place>();
  let requested: string | null = null;
  const sync = new SyncFacts();
  const quietMs = QUIET_MS + settings.ttl * 1000;
  const couldAnswer = (host: Place, now: number): boolean => {
    const since = Math.max(standbySince.get(host) ?? now, agentSince.get(host) ?? now);
    return since <= now - quietMs && !disturbances.since(now - quietMs).some((each) => isWrongWith(host, each.host));
  };
  return {
    name: 'nobody-ahead-is-passed-over',
    hears: [
      ...(['agent-began', 'promoting', 'server', 'stored', 'acknowledges', 'falls-quiet', 'watchdog-told'] as const),
      ...(['guardian-began', 'guardian-ended'] as const),
      ...Excused.hears,
      ...Disturbances.hears,
    ],
    see: (fact, now) => {
      disturbances.see(fact, now);
      sync.see(fact);
      excused.see(fact);
      if (fact.kind === 'acknowledges') acknowledging.add(fact.host);
      if (fact.kind === 'falls-quiet') acknowledging.delete(fact.host);
      if (fact.kind === 'agent-began') {
        agentSince.set(fact.host, now);
        if (mayLead(fact.tags)) barred.delete(fact.host);
        else barred.add(fact.host);
      }
      if (fact.kind === 'watchdog-told') {
        if (fact.how === 'failed' && settings.watchdog.mode === 'required') unwatched.add(fact.host);
        else unwatched.delete(fact.host);
      }
      if (fact.kind === 'guardian-began') unguarded.delete(fact.host);
      if (fact.kind === 'guardian-ended') unguarded.add(fact.host);
      if (fact.kind === 'server') {
        if (fact.state !== 'standby') standbySince.delete(fact.host);
        else if (!standbySince.has(fact.host)) standbySince.set(fact.host, now);
        if (fact.state === 'down' && fact.files?.control === 'shut down') shutdowns.set(fact.host, fact.files);
      }
      if (fact.kind === 'stored' && fact.key === FAILOVER) requested = fact.value;
      if (fact.kind !== 'promoting' || requested?.includes(`"${fact.host}"`) === true) return null;
      if ([...acknowledging].some((host) => host !== fact.host && excused.covers(host))) return null;
      const better = fact.rivals.find(
        (rival) =>
          !barred.has(rival.host) &&
          !unwatched.has(rival.host) &&
          !unguarded.has(rival.host) &&
          couldElect(sync.atRace, rival.host) &&
          rival.hasGrown !== true &&
          isAhead(rival, fact) &&
          !holdsOnlyTheRecord(rival, fact, shutdowns.values()) &&
          couldAnswer(rival.host, now),
      );
      if (better === undefined || !couldAnswer(fact.host, now)) return null;
      return `${fact.host} is promoted at ${fact.position}, and ${better.host} has ${better.position - fact.position} bytes more`;
    },
  };
}

/** In a synchronous mode, what others have beyond the voters was acknowledged by nobody: nobody waits for them. */
function couldElect({ mode, key }: SyncWorld, host: Place): boolean {
  return mode === 'off' || key === null || key.voters.has(host);
}

/** On the winner's branch, or on one that came out of it later. */
function isAhead(rival: WalEnd, winner: WalEnd): boolean {
  for (let branch: WalBranch | null = rival.branch; branch !== null; branch = branch.parent) {
    if (branch === winner.branch) return rival.position > winner.position;
  }
  return false;
}

function holdsOnlyTheRecord(rival: WalEnd, winner: WalEnd, shutdowns: Iterable<FilesState>): boolean {
  return [...shutdowns].some(
    ({ branch, checkpointAt, position }) =>
      rival.branch === branch && rival.position === position && winner.position >= checkpointAt,
  );
}

/** A fault of the store may keep anybody from the race; one of another machine nobody but that one. */
function isWrongWith(host: Place, disturbed: Place | null): boolean {
  return disturbed === null || disturbed === host;
}

/** Whoever was left alone for so long, and a lease more, answers its peers. */
const QUIET_MS = 5000;

const FAILOVER = storeKey('failover');
