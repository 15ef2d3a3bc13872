import type { Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import type { MemberName } from '../domain/names.ts';
import type { Observation } from '../domain/observation.ts';
import { type StandbyAnswer, standbyPosition } from '../domain/postgres-report.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import { later, type Millis, millis } from '../domain/time.ts';
import { campaign } from './campaign.ts';
import { conclude, type Facts, wait } from './conclude.ts';
import { desiredStandby, isUpstream } from './desired-postgres.ts';
import { heldLock, otherLeader } from './facts.ts';
import { raiseParameters, raiseUntilCompared } from './raise-parameters.ts';
import { comparable, remoteUpstream } from './remote-source.ts';
import { restartToFollow } from './restart-to-follow.ts';
import { successor } from './successor.ts';
import {
  ASK_AGAIN,
  changeUpstream,
  starvation,
  starved,
  stopToCopy,
  stopToRewind,
  wantedUpstream,
} from './whom-to-follow.ts';

/** How soon somebody else is asked by a standby that wants to follow. */
const ASK_BEFORE_FOLLOWING = millis(200);
/** Members race before they turn to the remote: whoever wins is followed without a detour. */
const LEADERLESS = millis(2_000);

/**
 * A standby cluster: whom does PostgreSQL here follow (spec/ha.md Y3, Y5)? Who holds the lock, the other cluster's
 * primary; the others its holder, and the remote as well while nobody leads. What the WAL here is no part of is never
 * followed: it is rewound, always from the remote (Y6).
 */
export function followRemote(o: Observation, m: Memory): Decision | null {
  const server = o.postgres?.server;
  if (!isStandbyCluster(o.dynamic) || server?.kind !== 'standby') return null;
  const isLeaderless = heldLock(o) === null && otherLeader(o, m) === null;
  if (isLeaderless && (m.unlockedSince === null || o.now < later(m.unlockedSince, LEADERLESS))) return null;
  if (m.divergence.kind === 'diverged' || m.divergence.kind === 'rewind-failed') {
    const stop = stopToRewind(o, m);
    return stop.action.kind === 'wait' ? (giveUpParted(o) ?? askOnceMore(o, m, m.divergence.leader) ?? stop) : stop;
  }
  // The leader is asked before the remote, and what it still has is followed there.
  const lacking = starvation(o, m);
  if (lacking !== null && o.effective.removeDataOnDivergedTimelines) return stopToCopy(o, lacking);
  const wanted = wantedUpstream(o, m);
  if (!isUpstream(server.upstream, wanted)) {
    const left = leaveSlot(o, server);
    if (left !== null) return left;
    // Whoever lacks only the WAL that comes next is on the same branch.
    const isSame = fitsWith(m, otherLeader(o, m)?.name ?? wanted?.member ?? null);
    const unproven =
      wanted === null || isSame ? null : askOne(o, m, lastAskedLacksMine(o, server) ? ASK_AGAIN : ASK_BEFORE_FOLLOWING);
    if (unproven !== null) return isLeaderless ? afterTheRace(o, m, unproven) : raiseUntilCompared(o, unproven);
    return changeUpstream(o, server.upstream, wanted);
  }
  // The race for the lock goes on.
  if (isLeaderless) return null;
  return (
    raiseParameters(o, wanted) ??
    (isFed(server) ? null : whyDry(o, m)) ??
    restartToFollow(o, m, wanted) ??
    starved(lacking) ??
    goOn(o, m, server)
  );
}

/** A remote that is away says nothing, perhaps for ever: whoever could lead meanwhile does not wait for it. */
function afterTheRace(o: Observation, m: Memory, unproven: Decision): Decision {
  const race = campaign(o, m);
  return race?.action.kind === 'ask-peers' || race?.action.kind === 'acquire-lock' ? race : unproven;
}

/**
 * Whoever turned to the remote while nobody led may have its slot. The leader needs it before it gets any WAL, and
 * perhaps before it can say that it fits.
 */
function leaveSlot(o: Observation, { upstream }: StandbyAnswer): Decision | null {
  const remote = remoteUpstream(o);
  if (remote === null || upstream === null || upstream.slot === null || !isUpstream(upstream, remote)) return null;
  const desired = desiredStandby(o, remote);
  if (desired.standby?.slot !== null) return null;
  return conclude('leave-remote-slot', { kind: 'reconfigure', desired }, { slot: upstream.slot });
}

function goOn(o: Observation, m: Memory, server: StandbyAnswer): Decision {
  const leader = otherLeader(o, m);
  if (leader !== null) return conclude('follow', { kind: 'stay' }, { leader: leader.name });
  return conclude('lead-standby-cluster', { kind: 'stay' }, { ...source(server), ...(isFed(server) ? {} : answer(o)) });
}

/** Nothing arrives: the other side may have gone on on another timeline, or hold other WAL than this. */
function whyDry(o: Observation, m: Memory): Decision | null {
  const asked = askOne(o, m, ASK_AGAIN);
  return asked?.action.kind === 'ask-history' ? asked : null;
}

/**
 * What waits for a person has nothing to pass on: the lock goes to whoever has not parted from the remote, if anybody can
 * lead. In a pause nobody could take it.
 */
function giveUpParted(o: Observation): Decision | null {
  const held = heldLock(o);
  if (held === null || o.dynamic.pause) return null;
  const next = successor(o, { candidate: null, except: null });
  if (next.kind === 'ask') return next.decision;
  if (next.kind === 'none') return null;
  const { createRevision } = held;
  return conclude('give-up-parted', { kind: 'release-lock', createRevision, lastLsn: null }, { successor: next.name });
}

/** What waits for a person asks on: at the remote's address may be another server by now, of whose history it is a part. */
function askOnceMore(o: Observation, m: Memory, parted: MemberName): Decision | null {
  const last = o.leaderHistory;
  const from = comparable(o, m).find(({ name }) => name === parted);
  if (from === undefined || (last !== null && o.now < later(last.askedAt, ASK_AGAIN))) return null;
  return conclude('ask-leader-history', { kind: 'ask-history', upstream: from.at });
}

/** Each has to say it for itself: a leader may still be where the remote has parted from it. */
function fitsWith({ divergence }: Memory, name: string | null): boolean {
  return (divergence.kind === 'fits' || divergence.kind === 'starved') && divergence.leader === name;
}

/** One after the other, each again after a while: who was asked last may know nothing, or be away. */
function askOne(o: Observation, m: Memory, pause: Millis): Decision | null {
  const all = comparable(o, m);
  const last = o.leaderHistory;
  const index = all.findIndex((each) => each.name === last?.member);
  const next = all[(index + 1) % Math.max(1, all.length)];
  if (next === undefined) return null;
  if (last !== null && o.now < later(last.askedAt, pause)) {
    return wait('ask-leader-history', `an answer of ${next.name}`, later(last.askedAt, pause), answer(o));
  }
  return conclude('ask-leader-history', { kind: 'ask-history', upstream: next.at });
}

/** A leader that is behind has to catch up first, which may take long. */
function lastAskedLacksMine({ leaderHistory: asked }: Observation, server: StandbyAnswer): boolean {
  const mine = standbyPosition(server);
  if (asked?.kind !== 'known' || !asked.inRecovery || asked.walEnd === undefined || mine === null) return false;
  return asked.walEnd < mine;
}

function isFed(server: StandbyAnswer): boolean {
  return server.walReceiver?.status === 'streaming' || (server.upstream === null && server.hasRestoreCommand);
}

function source({ upstream }: StandbyAnswer): Facts {
  return { remote: upstream === null ? 'the archive' : `${upstream.host}:${String(upstream.port)}` };
}

/** Why nothing comes from there, as far as whoever was asked last says. */
function answer({ leaderHistory: asked }: Observation): Facts {
  if (asked === null) return {};
  if (asked.kind === 'no-answer') return { asked: asked.member, why: asked.reason };
  return { asked: asked.member, timeline: asked.history.of, inRecovery: asked.inRecovery };
}
