import type { Member } from '../domain/cluster-view.ts';
import type { Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import type { Revision } from '../domain/names.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { isOutdated } from '../domain/peer.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import { earlier, type Instant, later, millis } from '../domain/time.ts';
import { isVetoed } from '../domain/vetoed.ts';
import { peersToAsk, race } from './campaign.ts';
import { conclude, type Facts, run, wait } from './conclude.ts';
import { couldWrite, heldLock } from './facts.ts';
import { isListed, leftOut, unlistedMayLead } from './failsafe-list.ts';
import { keepOut, keepsPromise } from './failsafe-promise.ts';
import { unregisteredIdentity } from './identity.ts';
import { leaseLacks, PRIMARY_SAFETY } from './lease-safety.ts';
import { awaitPeers } from './peers.ts';
import { slotsInDoubt } from './slot-safety.ts';
import { hardStopTimeout } from './store-loss.ts';
import { successor } from './successor.ts';
import { electionKey, needsVotes } from './sync-election.ts';
import { syncPromotion } from './sync-promotion.ts';
import { whoMayCampaign } from './who-may-campaign.ts';
import type { RaceResult } from './who-wins.ts';

/**
 * When may a lease holder promote? When the lock is proven, a guardian is armed, enough of the lease is left, and the
 * peers, asked once more after acquiring, still are not ahead. The performer checks lease and guardian again right
 * before the call.
 */
export function whenToPromote(o: Observation, m: Memory): Decision | null {
  if (heldLock(o) === null || o.postgres?.server.kind !== 'standby') return null;
  // Nobody is ever promoted there (spec/ha.md Y1, S21).
  if (isStandbyCluster(o.dynamic)) return null;
  const vetoed = afterVeto(o, m);
  if (vetoed !== null) return vetoed;
  const outrun = recheck(o, m);
  if (outrun !== null) return outrun;
  const unready = unregistered(o, m) ?? syncPromotion(o, m);
  if (unready !== null) return unready;
  const lacking = leaseLacks(o);
  if (lacking !== null) {
    return wait('lease-too-short-to-promote', lacking, null, { guardian: o.lease?.guardian ?? null });
  }
  const failed = afterFailures(o, m);
  if (failed !== null) return failed;
  const inDoubt = slotsInDoubt(o, m);
  const slots = inDoubt.length === 0 ? {} : { slotsPerhapsUnsafe: inDoubt.join(', ') };
  return run('promote', { kind: 'promote', safety: PRIMARY_SAFETY }, { how: m.acquired?.how ?? null, ...slots });
}

/** As long as the store does not name the cluster, others may take it for one that was never created, and make another. */
function unregistered(o: Observation, m: Memory): Decision | null {
  const write = unregisteredIdentity(o, m);
  return write === null ? null : conclude('register-before-promotion', { kind: 'write', write });
}

/**
 * The operator's `pre_promote` said no: the lock is given up, and this member keeps out of the race for one `ttl` (spec/ha.md
 * K3, E1). In a pause nobody is moved, and the promotion is tried again.
 */
function afterVeto(o: Observation, m: Memory): Decision | null {
  const held = heldLock(o);
  if (held === null || !isVetoed(o, m, o.now)) return null;
  return conclude(
    'promotion-vetoed',
    { kind: 'release-lock', createRevision: held.createRevision, lastLsn: null },
    { because: m.backoffs.get('promote')?.reason ?? null },
  );
}

/** So often a promotion may fail before another member gets its chance. */
const PROMOTIONS_MAX = 3;

/**
 * PostgreSQL was told to promote and did not, again and again: another member may be able to (spec/ha.md W15). It may yet
 * happen here, so PostgreSQL is stopped before the lock is given up. Alone it is tried for ever, and so it is in a pause,
 * where nobody would start it again.
 */
function afterFailures(o: Observation, m: Memory): Decision | null {
  const { failures = 0, reason = null } = m.backoffs.get('promote') ?? {};
  if (m.role !== 'promoted' || failures < PROMOTIONS_MAX || o.dynamic.pause) return null;
  const next = successor(o, { candidate: null, except: null });
  if (next.kind === 'ask') return next.decision;
  return next.kind === 'none' ? null : stopPromotion(o, { successor: next.name, reason });
}

function stopPromotion(o: Observation, facts: Facts): Decision {
  const stop = { kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: hardStopTimeout(o) } as const;
  return run('promotion-failed', stop, facts);
}

/** While nobody leads members look every 0.1 s: what they saw in peace is older, and they may have received more since. */
const LOOK_AGE_MAX = millis(200);

/** So long after they were asked for it; they answer within half of that. */
const WAL_PATIENCE = millis(1_000);

/**
 * Ask those that answered before the lock was mine once more: who was behind then may have caught up. A lock that only
 * bears my name was won in no race: it may be from before others led (a store restored from a backup), so all are asked.
 * So they are by one whom the failsafe list leaves out: somebody may have led since it heard them.
 */
function recheck(o: Observation, m: Memory): Decision | null {
  const view = latestView(o);
  const held = heldLock(o);
  if (held === null || view === null) return null;
  const outrunBy = (because: string | null): Decision | null =>
    because === null ? null : outrun(o, m, held.createRevision, because);
  const may = whoMayCampaign(o, m, view);
  if (may.kind === 'may-not') return outrunBy(may.because);
  const isWanted = may.request?.candidate === o.config.name;
  const isPastVotes = !needsVotes(electionKey(o, m, view, may.request));
  const isOnList = isListed(o, view, o.config.name);
  if (m.acquired === null) return outrunBy(leftOut(o, m, view, o.now));
  const { at: since, how } = m.acquired;
  // An adopted lock may be a restored store's: whoever led then may be a primary yet, and I have asked nobody.
  const isCalled = isWanted && isPastVotes && how !== 'adopted';
  if (isCalled && isOnList) return null;
  const known = peersToAsk(o, m, view);
  const answered = known.filter((each) => o.peers.get(each.name)?.kind === 'reported');
  const peers = how === 'adopted' || !isOnList ? known : answered;
  const pending = awaitPeers(o, peers, { since, rule: 'recheck-after-acquire', maxAge: LOOK_AGE_MAX });
  if (pending !== null) return pending;
  // Whose machine was started anew under its own lock was the primary, and has left the lead to nobody.
  const promised = how === 'adopted' && m.foundPrimary !== true ? keepsPromise(o, m, since) : null;
  if (promised !== null) return keepOut(o, m, promised);
  const unheard = leftOut(o, m, view, since);
  if (unheard !== null || isCalled) return outrunBy(unheard);
  // Before a race whom the list leaves out had its chance; a lock that only bears my name gave it none.
  const against = how === 'adopted' && unlistedMayLead(o, m, view, since) ? 'all' : 'listed';
  const result = race(o, m, view, { may, since, against, prefers: false, awaitsAbsent: how === 'adopted' });
  const late = awaitVotes(o, since, result, peers) ?? (how === 'adopted' ? awaitWal(o, result) : null);
  return late ?? outrunBy(loses(result));
}

/** So long after the lock was taken; a look that takes longer finds a server that does not answer. */
const VOTES_PATIENCE = millis(4_000);
/** So often they are asked meanwhile. */
const VOTES_INTERVAL = millis(700);

/** Where a look takes long, the last one that was told of was begun before the lock was mine: the next one counts. */
function awaitVotes(o: Observation, since: Instant, result: RaceResult, peers: readonly Member[]): Decision | null {
  const isOld = [...o.peers.values()].some((each) => isOutdated(each, LOOK_AGE_MAX));
  if (result.kind !== 'short' || !isOld || o.now >= later(since, VOTES_PATIENCE)) return null;
  const again = earlier(o.now, VOTES_INTERVAL);
  const rule = 'recheck-after-acquire';
  const pending = awaitPeers(o, peers, { since: again, rule, maxAge: LOOK_AGE_MAX });
  return pending ?? wait(rule, 'votes by those whose looks take long', later(o.peersAskedAt ?? o.now, VOTES_INTERVAL));
}

/** The lock goes to who should have it; not before PostgreSQL is stopped, if it was told to promote: it may do so yet. */
function outrun(o: Observation, m: Memory, createRevision: Revision, because: string): Decision {
  const rule = 'outrun-after-acquire';
  if (!couldWrite(o, m)) return conclude(rule, { kind: 'release-lock', createRevision, lastLsn: null }, { because });
  return o.dynamic.pause ? wait(rule, 'the end of the pause', null, { because }) : stopPromotion(o, { because });
}

/**
 * WAL still comes here, as in a cluster that has followed another one until now: whoever looked a moment later has more,
 * perhaps by way of this member. It comes no more once this member is a primary.
 */
function awaitWal(o: Observation, result: RaceResult): Decision | null {
  const server = o.postgres?.server;
  if (result.kind !== 'theirs' || result.reason !== 'position' || o.peersAskedAt === null) return null;
  if (server?.kind !== 'standby' || server.walReceiver?.status !== 'streaming') return null;
  const until = later(o.peersAskedAt, WAL_PATIENCE);
  return o.now < until ? wait('recheck-after-acquire', `the WAL that ${result.to} has`, until) : null;
}

function loses(result: RaceResult): string | null {
  return result.kind === 'mine' ? null : result.because;
}
