import type { Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import type { MemberName, Revision } from '../domain/names.ts';
import { storeKey } from '../domain/names.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import { mayEverLead } from '../domain/tags.ts';
import { later, millis } from '../domain/time.ts';
import { watchdogFailure, watchdogLacks } from '../domain/watchdog-plan.ts';
import { cleanPlace } from './clean-place.ts';
import { conclude, type Facts, run, wait } from './conclude.ts';
import { desiredPrimary } from './desired-postgres.ts';
import { heldLock, lockIn, otherLeader } from './facts.ts';
import { leaseLacks, PRIMARY_SAFETY } from './lease-safety.ts';
import { ownLock } from './own-lock.ts';
import { releaseWithoutData, UNREADABLE_PATIENCE } from './release-without-data.ts';
import { remoteUpstream } from './remote-source.ts';
import { copyOf, copyOfNobody, leaderRole, sourceOfCopy } from './source-of-copy.ts';

const initialize = storeKey('initialize');

/** What does a member with an empty data directory do (spec/ha.md 2.5, 2.6)? Create the cluster, copy it, or wait. */
export function bootstrap(o: Observation, m: Memory): Decision | null {
  if (m.bootstrap.kind !== 'none') return ownBootstrap(o, m);
  const { dataDirectory: directory, process } = o.postgres ?? { dataDirectory: null, process: null };
  if (directory === null || directory.kind === 'present') return null;
  // A disk that hangs for a moment must not hide a server that runs: whatever that server says decides.
  if (directory.kind === 'inaccessible' && process.kind !== 'none') return null;
  if (process.kind !== 'none') return stopWithoutData(o);
  const patience = directory.kind === 'empty' ? millis(0) : UNREADABLE_PATIENCE;
  const released = releaseWithoutData(o, m, patience);
  if (released !== null) return released;
  if (directory.kind === 'inaccessible') return wait('data-directory-inaccessible', `a person: ${directory.reason}`);
  if (o.dynamic.pause) return wait('wait-for-leader', 'the end of the pause');
  return otherLeader(o, m) === null ? createOrWait(o, m) : copyFromLeader(o, m);
}

/** Its files are gone from under it: it is stopped before anything is put in their place (spec/ha.md 2.8). */
function stopWithoutData(o: Observation): Decision {
  const timeout = o.timings.retryTimeout;
  return run('stop-without-data', { kind: 'stop', mode: 'immediate', checkpointFirst: false, timeout });
}

function copyFromLeader(o: Observation, m: Memory): Decision {
  const leader = otherLeader(o, m);
  const source = sourceOfCopy(o, m, 'copy-from-leader');
  const role = leaderRole(o);
  if (leader === null || source === null) {
    return wait('wait-for-leader', `the leader to be a running ${role}`, null, { leader: leader?.name ?? null });
  }
  return run('copy-from-leader', copyOf(o, source), { leader: leader.name, from: source.from.member });
}

function createOrWait(o: Observation, m: Memory): Decision {
  const state = latestView(o)?.initialize;
  const clearAt = m.initializeAbandonedSince === null ? null : later(m.initializeAbandonedSince, o.timings.ttl);
  if (state?.kind === 'in-progress' && clearAt !== null) {
    if (o.now >= clearAt) return clearAbandoned(state.modRevision);
    return wait('wait-for-leader', 'whoever was creating the cluster', clearAt);
  }
  const lacking = whyNotCreate(o, m);
  if (lacking !== null) return copyWithoutLeader(o, m) ?? wait('wait-for-leader', lacking.for, null, lacking.facts);
  return conclude('win-initialize', {
    kind: 'write',
    write: {
      key: initialize,
      action: { kind: 'put', value: { kind: 'text', text: '' }, lease: null },
      when: [{ kind: 'absent', key: initialize }],
    },
  });
}

/** @returns `null`: this member may create the cluster. */
function whyNotCreate(o: Observation, m: Memory): { readonly for: string; readonly facts: Facts } | null {
  const state = latestView(o)?.initialize;
  if (state?.kind !== 'absent') return { for: 'a leader', facts: { initialize: state?.kind ?? null } };
  const because = (why: string): { readonly for: string; readonly facts: Facts } => ({
    for: `a leader: ${why}`,
    facts: {},
  });
  if (o.config.bootstrap === null) return because('no bootstrap section is configured here');
  if (!mayEverLead(o.config.tags)) return because('this member is tagged nofailover');
  const owner = whoHasData(o, m);
  if (owner !== null) return because(`${owner} has data of a cluster`);
  const watchdog = watchdogLacks(o);
  return watchdog === null ? null : because(`Watchdog device is not usable here: ${watchdog}`);
}

/**
 * Where data lies a cluster exists, though the store has lost its keys: whoever has some leads it, or waits for a person.
 * The keys of members that live go with the others, and are back when these have written them: they get one `ttl` for it.
 */
function whoHasData(o: Observation, m: Memory): MemberName | null {
  const isBackBy = later(m.unlockedSince ?? o.now, o.timings.ttl);
  const remembered = o.now < isBackBy ? (m.lastHolder?.members ?? []) : [];
  const others = [...(latestView(o)?.members ?? []), ...remembered].filter(({ name }) => name !== o.config.name);
  return others.find(({ role }) => role !== 'uninitialized')?.name ?? null;
}

/**
 * Nobody leads a cluster that exists. What it follows is copied: all its members may have begun to copy that when it went
 * away for a moment. Else a backup, where a method needs nobody (spec/ha.md B4). Not at once: an election takes a moment,
 * and what leads then is newer than any backup.
 */
function copyWithoutLeader(o: Observation, m: Memory): Decision | null {
  const isElecting = m.unlockedSince !== null && o.now < later(m.unlockedSince, o.timings.loopWait);
  const state = latestView(o)?.initialize.kind;
  if (state === 'in-progress' || isElecting) return null;
  const from = state === 'initialized' ? remoteUpstream(o) : null;
  const task = from === null ? copyOfNobody(o) : copyOf(o, { from, methods: o.effective.replicaMethods });
  return task === null ? null : run('copy-without-leader', task);
}

/** Whoever claimed the key died at it: its member key is gone. Compare-and-swap, so that a new claim is never removed. */
function clearAbandoned(revision: Revision): Decision {
  const when = [{ kind: 'mod-revision-is', key: initialize, revision }] as const;
  return conclude('clear-abandoned-initialize', {
    kind: 'write',
    write: { key: initialize, action: { kind: 'delete' }, when },
  });
}

/**
 * I won the right to create the cluster. The lock comes before initdb: the first start is guarded like any other, and if
 * this agent dies at it, nobody is left writing beside the cluster that the next one creates.
 */
function ownBootstrap(o: Observation, m: Memory): Decision | null {
  const { bootstrap: mine } = m;
  switch (mine.kind) {
    case 'none':
    case 'created':
      return null;
    case 'failed':
      return abandon(o, m, { keyRevision: mine.keyRevision, reason: mine.reason });
    case 'won': {
      const view = latestView(o);
      const isMine = view?.initialize.kind === 'in-progress' && view.initialize.modRevision === mine.keyRevision;
      if (!isMine)
        return abandon(o, m, { keyRevision: mine.keyRevision, reason: 'the claim to the initialize key was lost' });
      if (o.postgres?.process.kind !== 'none')
        return abandon(o, m, { keyRevision: mine.keyRevision, reason: 'a server runs in the data directory' });
      const watchdog = watchdogFailure(o);
      if (watchdog !== null)
        return abandon(o, m, { keyRevision: mine.keyRevision, reason: `Watchdog device is not usable: ${watchdog}` });
      const held = heldLock(o);
      if (held === null) return ownLock(o, m) ?? conclude('first-lock', { kind: 'acquire-lock' });
      const unclean = cleanPlace(o, held.createRevision);
      if (unclean !== null) return unclean;
      if (isStandbyCluster(o.dynamic)) return copyRemote(o, m, mine.keyRevision);
      const lacking = leaseLacks(o);
      return lacking === null
        ? run('create-cluster', { kind: 'bootstrap', desired: desiredPrimary(o), safety: PRIMARY_SAFETY })
        : wait('lease-too-short-to-start', lacking);
    }
  }
}

/** A standby cluster is not created but copied (spec/ha.md 2.19). Until the other side answers, it is tried again. */
function copyRemote(o: Observation, m: Memory, keyRevision: Revision): Decision {
  const from = remoteUpstream(o);
  const task = from === null ? copyOfNobody(o) : copyOf(o, { from, methods: o.effective.replicaMethods });
  if (task !== null) return run('copy-remote', task, { remote: from?.member ?? null });
  return abandon(o, m, {
    keyRevision,
    reason: 'standby_cluster names no host to copy from, and no method of create_replica_methods has no_leader set',
  });
}

/** What a creation that failed has begun goes on running for nobody: it is stopped, whether the store answers or not. */
export function failedCreation(o: Observation, { bootstrap: mine }: Memory): Decision | null {
  return mine.kind === 'failed' && o.postgres?.process.kind !== 'none' ? stopCreated(o, mine.reason) : null;
}

function stopCreated(o: Observation, reason: string): Decision {
  const timeout = o.timings.retryTimeout;
  return run('bootstrap-failed', { kind: 'stop', mode: 'immediate', checkpointFirst: false, timeout }, { reason });
}

/**
 * What it left is kept for a person, unless it cannot be moved: then it stays, and counts as nothing. What was copied from
 * another cluster stays: whole, it is as good for following somebody; unfinished, the next copy takes its place.
 */
function isToBeSetAside(o: Observation, m: Memory): boolean {
  if (isStandbyCluster(o.dynamic)) return false;
  const directory = o.postgres?.dataDirectory;
  if (directory?.kind === 'present') return true;
  return directory?.kind === 'empty' && directory.unfinished === true && !m.backoffs.has('bootstrap-failed');
}

/** In this order: nothing runs, the directory is set aside, the claim and the lock are given up, the agent ends. */
function abandon(
  o: Observation,
  m: Memory,
  claim: { readonly keyRevision: Revision; readonly reason: string },
): Decision {
  const { keyRevision, reason } = claim;
  if (o.postgres?.process.kind !== 'none') return stopCreated(o, reason);
  if (isToBeSetAside(o, m)) return run('bootstrap-failed', { kind: 'set-aside-data' }, { reason });
  const view = latestView(o);
  if (view?.initialize.kind === 'in-progress' && view.initialize.modRevision === keyRevision) {
    return conclude('bootstrap-failed', {
      kind: 'write',
      write: {
        key: initialize,
        action: { kind: 'delete' },
        when: [{ kind: 'mod-revision-is', key: initialize, revision: keyRevision }],
      },
    });
  }
  const lock = lockIn(o);
  if (lock?.holder === o.config.name && lock.createRevision !== m.released) {
    return conclude('bootstrap-failed', { kind: 'release-lock', createRevision: lock.createRevision, lastLsn: null });
  }
  return conclude(
    'bootstrap-failed',
    { kind: 'exit', code: 1, message: `Failed to bootstrap cluster: ${reason}; mend that and start the agent again` },
    { reason },
  );
}
