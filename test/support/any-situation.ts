import fc from 'fast-check';
import type { RuleId } from '../../src/decide/rules.ts';
import { rules } from '../../src/decide/rules.ts';
import type { ClusterView, FailoverRequest, Lock, Member, SyncKey } from '../../src/domain/cluster-view.ts';
import type { LockReport } from '../../src/domain/lease.ts';
import type { Memory } from '../../src/domain/memory.ts';
import { memberName, revision, systemId } from '../../src/domain/names.ts';
import type { PeerAnswer } from '../../src/domain/peer.ts';
import type { ControlData, PostgresProcess, ServerAnswer } from '../../src/domain/postgres-report.ts';
import type { PostgresTask } from '../../src/domain/task.ts';
import { type Instant, later, millis, seconds } from '../../src/domain/time.ts';
import {
  candidate,
  crashed,
  type Difference,
  formerPrimary,
  leader,
  replica,
  type Situation,
  winner,
} from './observations.ts';
import {
  A,
  ahead,
  anyFiles,
  B,
  behind,
  branch,
  C,
  fromA,
  HEAD,
  history,
  LATER_LOCK,
  LOCK,
  lockOf,
  NOW,
  peer,
  primaryAnswer,
  RUNNING,
  requested,
  SYSTEM_ID,
  scheduledIn,
  silentPeer,
  standbyAnswer,
} from './observed-parts.ts';

const ruleIds = Object.keys(rules) as RuleId[];

/**
 * Any situation whatever, also ones that no history leads to: some parts of a familiar one are replaced, each by itself,
 * with values of which there are few, so that the interesting ones meet. Only what an adapter promises holds: without a
 * postmaster no server answers.
 */
export const anySituation: fc.Arbitrary<Situation> = fc
  .tuple(fc.constantFrom(replica, leader, candidate, winner, crashed, formerPrimary), anyParts())
  .map(([make, { postgres, store, task, asking, lease, ...parts }]) => {
    const difference: Difference = {
      ...parts,
      ...(store === undefined || store === 'settled' ? {} : { store }),
      ...postgres,
      ...(task === undefined || task === null ? {} : { task }),
      ...(lease === undefined ? {} : { lock: lease.lock, lease: { guardian: lease.guardian } }),
      observation: { ...asking, ...(postgres === null ? { postgres: null } : {}) },
    };
    return make(difference);
  });

function anyParts() {
  return fc.record(
    {
      dynamic: fc.record({
        pause: fc.boolean(),
        primary_start_timeout: fc.constantFrom(0, 300),
        check_timeline: fc.boolean(),
        failsafe_mode: fc.boolean(),
        synchronous_mode: fc.constantFrom<boolean | string>(false, true, 'quorum'),
        synchronous_mode_strict: fc.boolean(),
      }),
      tags: fc.constantFrom(
        {},
        { nofailover: true },
        { nostream: true },
        { replicatefrom: 'c' },
        { failover_priority: 2 },
      ),
      effective: fc.record({ usePgRewind: fc.boolean(), removeDataOnDivergedTimelines: fc.boolean() }),
      store: fc.constantFrom('settled', 'settled', 'settled', 'unknown', 'unsettled', 'silent'),
      view: anyView(),
      members: fc.record({ a: anyMember(), b: anyMember(), c: anyMember() }, { requiredKeys: [] }),
      postgres: fc.oneof({ weight: 19, arbitrary: anyPostgres() }, { weight: 1, arbitrary: fc.constant(null) }),
      lease: fc.record({ lock: anyLock(), guardian: fc.constantFrom('ready', 'ready', 'absent') }),
      peers: fc.array(anyPeer(), { maxLength: 3 }),
      asking: fc.record({
        peersAskedAt: fc.option(anyInstant(), { nil: null }),
        leaderHistory: fc.constantFrom(null, history(), history({}, behind(9n)), history({ inRecovery: true })),
        postgresIsCurrent: seldom(fc.constant(false)).map((stale) => stale === null),
      }),
      task: seldom(anyTask()),
      memory: anyMemory(),
    },
    { requiredKeys: [] },
  );
}

/** One time in ten. */
function seldom<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: 1, arbitrary }, { weight: 9, arbitrary: fc.constant(null) });
}

function anyInstant(): fc.Arbitrary<Instant> {
  return fc.integer({ min: -40_000, max: 40_000 }).map((span) => later(NOW, millis(span)));
}

function anyView(): fc.Arbitrary<Partial<ClusterView>> {
  const modRevision = revision(10n);
  const id = systemId(SYSTEM_ID);
  return fc.record({
    lock: fc.constantFrom<Lock | null>(null, lockOf('a', LOCK), lockOf('b'), lockOf('c'), lockOf('b', LOCK)),
    revision: fc.constantFrom(revision(40n), revision(60n), revision(100n)),
    initialize: fc.constantFrom<ClusterView['initialize']>(
      { kind: 'absent' },
      { kind: 'in-progress', modRevision },
      { kind: 'invalid', text: 'x', modRevision },
      ...(id === null ? [] : [{ kind: 'initialized', systemId: id, modRevision } as const]),
    ),
    failover: fc.option(anyRequest(), { nil: null, freq: 3 }),
    status: fc
      .constantFrom(null, HEAD, ahead(2_000_000n))
      .map((lastLsn) => ({ lastLsn, slots: new Map(), retainSlots: [] })),
    history: fc.constantFrom<ClusterView['history']>(
      { kind: 'unusable', modRevision: null },
      { kind: 'lines', modRevision, lines: [] },
      { kind: 'lines', modRevision, lines: [{ timeline: branch(3), lsn: HEAD, reason: '', at: null, leader: A }] },
    ),
    sync: fc.constantFrom<SyncKey | null>(
      null,
      { leader: A, voters: [B], quorum: 0, modRevision },
      { leader: A, voters: [B, C], quorum: 1, modRevision },
      { leader: B, voters: [], quorum: 0, modRevision },
    ),
    failsafe: fc.constantFrom(null, new Map(), new Map([[A, 'http://a/patroni']])),
  });
}

function anyRequest(): fc.Arbitrary<FailoverRequest> {
  return fc.record({
    leader: fc.constantFrom(null, A, B, C),
    candidate: fc.constantFrom(null, A, B, C, memberName('stranger')),
    schedule: fc.constantFrom<FailoverRequest['schedule']>(
      { kind: 'now' },
      { kind: 'now' },
      scheduledIn(60),
      scheduledIn(-1),
      scheduledIn(-600),
      { kind: 'unreadable', text: 'soon' },
    ),
    modRevision: fc.constantFrom(requested().modRevision, revision(45n)),
  });
}

function anyMember(): fc.Arbitrary<Partial<Member> | null> {
  return fc.option(
    fc.record(
      {
        agent: fc.constantFrom('ours', 'foreign'),
        connUrl: fc.constantFrom(null, 'postgres://10.0.0.9:5432/postgres', 'nonsense'),
        apiUrl: fc.constantFrom(null, 'http://10.0.0.9:8008/patroni'),
        role: fc.constantFrom('primary', 'replica', 'promoted', 'unknown'),
        state: fc.constantFrom('running', 'stopped', 'starting'),
        checkpointAfterPromote: fc.constantFrom('done', 'pending'),
        tags: fc.constantFrom({}, { nofailover: true }),
        timeline: fc.constantFrom(null, branch(2), branch(4)),
      },
      { requiredKeys: [] },
    ),
    { nil: null },
  );
}

type DrawnPostgres = Pick<Difference, 'server' | 'process' | 'directory' | 'control'>;

function anyPostgres(): fc.Arbitrary<DrawnPostgres> {
  const gone = fc.constantFrom<PostgresProcess>(
    { kind: 'none' },
    { kind: 'none' },
    { kind: 'orphaned', processCount: 2 },
  );
  const running = fc.record({ process: fc.constant(RUNNING), server: anyServer() });
  const down = gone.map((process) => ({ process, server: { kind: 'down' } as const }));
  const directory = fc.record({
    signal: fc.constantFrom('standby', 'none', 'recovery'),
    hasBackupLabel: fc.constantFrom(false, false, true),
  });
  return fc
    .record({
      alive: fc.oneof(running, down),
      directory: fc.oneof(
        { weight: 6, arbitrary: directory },
        {
          weight: 1,
          arbitrary: fc.constantFrom({ kind: 'empty' } as const, { kind: 'inaccessible', reason: 'EIO' } as const),
        },
      ),
      control: anyControl(),
    })
    .map(({ alive, ...rest }) => ({ ...alive, ...rest }));
}

function anyServer(): fc.Arbitrary<ServerAnswer> {
  const timelines = fc.constantFrom(branch(2), branch(3), branch(4));
  const positions = fc.constantFrom(HEAD, behind(9n), behind(2_000_000n), ahead(9n));
  const standby = fc
    .record({
      timeline: fc.option(timelines, { nil: null }),
      receiveLsn: fc.option(positions, { nil: null }),
      replayLsn: fc.option(positions, { nil: null }),
      walReceiver: fc.constantFrom(null, standbyAnswer().walReceiver),
      upstream: fc.constantFrom(null, standbyAnswer().upstream),
    })
    .map(standbyAnswer);
  const primary = fc.record({ timeline: timelines, flushLsn: positions }).map(primaryAnswer);
  const mute = fc.constantFrom<ServerAnswer>({ kind: 'down' }, { kind: 'rejecting' }, { kind: 'silent', since: NOW });
  return fc.oneof(standby, primary, mute);
}

function anyControl(): fc.Arbitrary<Partial<ControlData>> {
  const control = fc.record({
    systemId: fc.constantFrom(systemId(SYSTEM_ID), systemId(SYSTEM_ID), systemId('9900000000000000009'), null),
    state: fc.constantFrom('in production', 'shut down', 'shut down in recovery', 'in archive recovery'),
    checkpointTimeline: fc.constantFrom(branch(2), branch(3)),
    checkpointEnd: fc.constantFrom(null, HEAD),
    minRecoveryEnd: fc.constantFrom(null, HEAD),
    canRewind: fc.boolean(),
  });
  const backup = fc.constantFrom<Partial<ControlData>>({}, {}, { beforeBackupEnd: true });
  return fc.tuple(control, backup).map(([each, more]) => ({ ...each, ...more }));
}

function anyLock(): fc.Arbitrary<LockReport> {
  const deadline = fc.integer({ min: -3_000, max: 30_000 }).map((span) => later(NOW, millis(span)));
  return fc.oneof(
    fc.constant<LockReport>({ kind: 'not-held' }),
    fc.record({ kind: fc.constant('held'), createRevision: fc.constantFrom(LOCK, LATER_LOCK), deadline }),
    fc.record({ kind: fc.constant('doubtful'), deadline, why: fc.constant('late') }),
  );
}

function anyPeer(): fc.Arbitrary<PeerAnswer> {
  const names = fc.constantFrom('a', 'b', 'c');
  const reported = fc
    .record({
      askedAt: anyInstant(),
      recovery: fc.constantFrom('standby', 'standby', 'primary'),
      position: fc.constantFrom(null, HEAD, ahead(9n), behind(9n)),
      timeline: fc.constantFrom(null, branch(2), branch(3), branch(4)),
      tags: fc.constantFrom({}, { nofailover: true }, { failover_priority: 3 }),
      watchdogFailed: fc.constantFrom(false, false, true),
      isUnpromised: fc.boolean(),
    })
    .chain((answer) => names.map((name) => peer(name, answer)));
  return fc.oneof(
    reported,
    fc.tuple(names, anyInstant()).map(([name, at]) => silentPeer(name, at)),
  );
}

function anyTask(): fc.Arbitrary<PostgresTask> {
  const timeout = millis(60_000);
  return fc.constantFrom<PostgresTask>(
    { kind: 'stop', mode: 'fast', checkpointFirst: true, timeout: null },
    { kind: 'start', desired: anyFiles, timeout },
    { kind: 'promote', safety: timeout },
    { kind: 'rewind', from: fromA, options: [], patience: seconds(10) },
  );
}

function anyMemory(): fc.Arbitrary<Partial<Memory>> {
  const names = fc.constantFrom(A, B, C);
  const created = fc.constantFrom(null, LOCK, LATER_LOCK);
  const keyRevision = revision(10n);
  return fc.record(
    {
      role: fc.constantFrom('primary', 'replica', 'promoted', 'demoted', 'unknown'),
      lastHolder: fc.constant(null),
      unlockedSince: fc.option(anyInstant(), { nil: null }),
      unavailableSince: fc.option(anyInstant(), { nil: null }),
      bootstrap: fc.constantFrom<Memory['bootstrap']>(
        { kind: 'none' },
        { kind: 'none' },
        { kind: 'none' },
        { kind: 'won', keyRevision },
        { kind: 'created', keyRevision, systemId: null },
        { kind: 'failed', keyRevision, reason: 'x' },
      ),
      divergence: fc.constantFrom<Memory['divergence']>(
        { kind: 'unchecked' },
        { kind: 'diverged', leader: A, leaderTimeline: branch(4), why: 'x' },
        { kind: 'rewind-failed', leader: A, attempts: 2, why: 'x' },
        { kind: 'rewind-failed', leader: A, leaderTimeline: branch(4), attempts: 2, again: NOW, why: 'x' },
      ),
      crash: fc.option(fc.record({ since: anyInstant(), attempts: fc.nat(3) }), { nil: null }),
      backoffs: fc
        .dictionary(
          fc.constantFrom<RuleId>(...ruleIds),
          fc.record({
            until: anyInstant(),
            failures: fc.nat(4),
            reason: fc.constant('x'),
            span: fc.constant(millis(250)),
          }),
          { maxKeys: 3 },
        )
        .map((entries) => new Map(Object.entries(entries))),
      reign: created,
      released: created,
      acquired: fc.option(
        fc.record({
          createRevision: fc.constantFrom(LOCK, LATER_LOCK),
          at: anyInstant(),
          how: fc.constantFrom('race', 'adopted'),
        }),
        { nil: null },
      ),
      lockContinuity: fc.constantFrom<Memory['lockContinuity']>(
        { kind: 'unknown' },
        { kind: 'mine', createRevision: LOCK, modRevision: LOCK },
        { kind: 'vanished', createRevision: LOCK, at: NOW },
      ),
      yielded: fc.option(fc.record({ to: fc.option(names, { nil: null }), until: anyInstant() }), { nil: null }),
      handOver: seldom(fc.record({ candidate: fc.option(names, { nil: null }), since: anyInstant() })),
      guardianRests: fc.boolean(),
      resumedAt: seldom(anyInstant()),
      shutDownAt: seldom(fc.constant(HEAD)),
      leaving: seldom(anyInstant()),
      applied: fc.constantFrom(null, anyFiles),
      initializeAbandonedSince: fc.option(anyInstant(), { nil: null }),
    },
    { requiredKeys: [] },
  );
}
