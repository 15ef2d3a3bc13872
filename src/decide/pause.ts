import { type ClusterView, clusterTimeline } from '../domain/cluster-view.ts';
import type { Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import type { Revision } from '../domain/names.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import { sameName } from '../domain/sync-names.ts';
import { applyConfiguration } from './apply-configuration.ts';
import { campaign } from './campaign.ts';
import { conclude, wait } from './conclude.ts';
import { dueRequest } from './due-request.ts';
import { couldWrite, heldLock, isPrimary, lockIn, otherLeader } from './facts.ts';
import { isListed } from './failsafe-list.ts';
import { keepOut, keepsPromise } from './failsafe-promise.ts';
import { followRemote } from './follow-remote.ts';
import { handOverInPause } from './hand-over-in-pause.ts';
import { belongsElsewhere, belongsHere } from './identity.ts';
import { lastPositionUnder } from './last-position.ts';
import { leaving } from './leaving.ts';
import { orderedCopy } from './ordered-copy.ts';
import { orderedRestart } from './ordered-restart.ts';
import { ownLock } from './own-lock.ts';
import { leadsStandbyCluster } from './remote-source.ts';
import { rewindOrNewCopy } from './rewind-or-new-copy.ts';
import { switchoverAcceptance } from './switchover-acceptance.ts';
import { bindingKey, electionKey, needsVotes } from './sync-election.ts';
import { syncReplication } from './sync-replication.ts';
import { whenToPromote } from './when-to-promote.ts';
import { whoMayCampaign } from './who-may-campaign.ts';
import { whomToFollow } from './whom-to-follow.ts';

/**
 * What does pause forbid? To stop, start or promote PostgreSQL, but for a manual switchover to a named candidate.
 * The lock is renewed by a running primary, given up by anybody else, and taken by a primary when nobody has it.
 */
export function pause(o: Observation, m: Memory): Decision | null {
  if (!o.dynamic.pause || m.bootstrap.kind !== 'none' || o.postgres === null) return null;
  if (m.leaving !== null) return leaving(o, m);
  if (belongsElsewhere(o)) return ofAnotherCluster(o, m);
  return byOrder(o, m) ?? byRequest(o, m) ?? (heldLock(o) === null ? withoutLock(o, m) : withLock(o, m));
}

/** What lies here was exchanged during the pause. It is no part of this cluster, so it does not lead it (spec/ha.md 2.9 I4). */
function ofAnotherCluster(o: Observation, m: Memory): Decision {
  const lock = lockIn(o);
  const mine = heldLock(o) ?? (lock?.holder === o.config.name && lock.createRevision !== m.released ? lock : null);
  if (mine === null) return conclude('pause-foreign-cluster', { kind: 'stay' });
  const { createRevision } = mine;
  const evidence = 'what runs here belongs to another cluster, and the pause leaves it alone';
  return conclude('pause-foreign-cluster', { kind: 'release-lock', createRevision, lastLsn: null, evidence });
}

/** A restart or a new copy that a person orders is carried out, and the copy is started (spec/ha.md 2.23). */
function byOrder(o: Observation, m: Memory): Decision | null {
  const isCopied = m.order?.kind === 'reinitialize' && m.order.stage === 'copied';
  return orderedCopy(o, m) ?? orderedRestart(o, m) ?? (isCopied ? rewindOrNewCopy(o, m) : null);
}

/** A manual request to a named candidate is the operator's own hand: it is carried out from its start to its end. */
function byRequest(o: Observation, m: Memory): Decision | null {
  const view = latestView(o);
  if (view === null) return null;
  if (m.handOver !== null && o.postgres?.process.kind === 'none') return handOverInPause(o, m, view);
  const request = dueRequest(o, m, view);
  if (request?.candidate !== o.config.name) return switchoverAcceptance(o, m);
  if (isPrimary(o)) return switchoverAcceptance(o, m);
  if (heldLock(o) !== null) return whenToPromote(o, m);
  const isFree = o.store.kind === 'settled' && view.lock === null && o.postgres?.server.kind === 'standby';
  if (!isFree) return null;
  // Who would take the lock without the votes would give it back, and take it again.
  if (needsVotes(electionKey(o, m, view, request))) return campaign(o, m);
  if (!isListed(o, view, o.config.name) || whoMayCampaign(o, m, view).kind === 'may-not') return null;
  const promise = keepsPromise(o, m, o.now);
  return promise === null ? conclude('campaign', { kind: 'acquire-lock' }, { wanted: true }) : keepOut(o, m, promise);
}

function withLock(o: Observation, m: Memory): Decision {
  if (isPrimary(o)) return configured(o, m) ?? syncReplication(o, m) ?? conclude('pause-keep-lock', { kind: 'stay' });
  // Rightly held by a standby, and nobody else could take it, whatever the end of the pause has in store for this one.
  if (leadsStandbyCluster(o) && o.postgres?.server.kind === 'standby')
    return followWhilePaused(o, m) ?? wait('pause-leave-alone', 'the end of the pause');
  const lock = heldLock(o);
  const staysPut = couldWrite(o, m) || !isNoPrimary(o) || m.acquired === null;
  if (lock === null || staysPut) return wait('pause-leave-alone', 'the end of the pause');
  return release(o, m, lock.createRevision);
}

function withoutLock(o: Observation, m: Memory): Decision {
  const view = latestView(o);
  const lock = lockIn(o);
  if (lock !== null && lock.holder === o.config.name && lock.createRevision !== m.released) {
    if (isPrimary(o) || (isStandbyCluster(o.dynamic) && o.postgres?.server.kind === 'standby')) return takeOver(o, m);
    if (!isNoPrimary(o)) return wait('pause-leave-alone', 'PostgreSQL to say what it is');
    if (couldWrite(o, m)) return wait('pause-leave-alone', 'a promotion that was asked for');
    return release(o, m, lock.createRevision);
  }
  if (isPrimary(o)) {
    const isFree = o.store.kind === 'settled' && (lock === null || lock.createRevision === m.released);
    const mayTake = view !== null && (view.initialize.kind === 'absent' || belongsHere(o)) && !isLeftBehind(o, m, view);
    return isFree && mayTake
      ? conclude('pause-take-lock', { kind: 'acquire-lock' })
      : conclude('pause-leave-alone', { kind: 'stay' }, { primaryWithoutLock: true });
  }
  return followWhilePaused(o, m) ?? conclude('pause-leave-alone', { kind: 'stay' });
}

/** A switchover may have led to it, whose stop was in doubt. What I wrote under this very lock the next leader must have. */
function release(o: Observation, m: Memory, createRevision: Revision): Decision {
  const lastLsn = lastPositionUnder(createRevision, o, m);
  return conclude('pause-release', { kind: 'release-lock', createRevision, lastLsn });
}

/** The lock bears my name, and no doubt about it stops a paused PostgreSQL. */
function takeOver(o: Observation, m: Memory): Decision {
  const taken = o.store.kind === 'settled' ? ownLock(o, m) : null;
  return taken ?? conclude('pause-leave-alone', { kind: 'stay' }, { lockInDoubt: true });
}

/** Known to be none: one that starts, or does not answer at the moment, may be the primary it was. */
function isNoPrimary(o: Observation): boolean {
  return o.postgres?.process.kind === 'none' || o.postgres?.server.kind === 'standby';
}

/** A standby still follows a new leader, by a reload only. */
function followWhilePaused(o: Observation, m: Memory): Decision | null {
  const isAlone = otherLeader(o, m) === null && !leadsStandbyCluster(o);
  const decision = isAlone ? null : (configured(o, m) ?? followRemote(o, m) ?? whomToFollow(o, m));
  return decision?.action.kind === 'run' ? null : decision;
}

/** Whoever changes the configuration during a pause expects that it counts (spec/ha.md L5); a reload stops nothing. */
function configured(o: Observation, m: Memory): Decision | null {
  return o.store.kind === 'settled' ? applyConfiguration(o, m) : null;
}

/**
 * The cluster went on without this primary, on a newer timeline: under its lock everybody would follow it back. Whoever leads
 * next writes the sync key before its promotion, and the history after it.
 */
function isLeftBehind(o: Observation, m: Memory, view: ClusterView): boolean {
  const server = o.postgres?.server;
  const known = clusterTimeline(view.history);
  const key = bindingKey(o, m, view);
  if (server?.kind !== 'primary') return false;
  const isNamed = key === null || sameName(key.leader, o.config.name);
  // On a newer timeline than the history tells of it was promoted by hand, after whoever the key names.
  if (known === null) return !isNamed;
  return server.timeline < known || (server.timeline === known && !isNamed);
}
