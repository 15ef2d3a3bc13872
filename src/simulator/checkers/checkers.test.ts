import { describe, expect, test } from 'vitest';
import type { DesiredPostgres } from '../../domain/desired-postgres.ts';
import { leaseId, memberName, revision, type SystemId, storeKey, systemId } from '../../domain/names.ts';
import type { Tags } from '../../domain/tags.ts';
import type { PostgresTask } from '../../domain/task.ts';
import { firstBranch, nextBranch } from '../postgres/wal-branch.ts';
import type { Fact, FilesState, ServerState, WalEnd } from '../world/facts.ts';
import type { Checker } from './checker.ts';
import { checkpointFlagTellsTheTruth } from './checkpoint-flag.ts';
import { dataRemovedOnlyIfAllowed } from './data-removal.ts';
import { noAcknowledgementAfterDeadline } from './deadline.ts';
import { primaryIsGuarded } from './guarded.ts';
import { halfRewoundNeverRuns } from './half-rewound.ts';
import { lastRenewalIsToldTruly } from './last-renewal.ts';
import { onlyTheLeaderSpeaksForTheCluster } from './leader-writes.ts';
import { releaseOnlyWhenFenced } from './lock-release.ts';
import { lostLockEndsWriting } from './lost-lock.ts';
import { noDefect } from './no-defect.ts';
import { nofailoverNeverPromotes } from './nofailover.ts';
import { oneAcknowledges } from './one-acknowledges.ts';
import { oneCluster } from './one-cluster.ts';
import { oneHolder } from './one-holder.ts';
import { oneTaskAtATime } from './one-task.ts';
import { nobodyAheadIsPassedOver } from './passed-over.ts';
import { promoteOnlyUnderLease } from './promotion.ts';
import { rewindOnlyFromCheckpointedPrimary } from './rewind-source.ts';
import { switchoverLosesNothing } from './switchover-loss.ts';
import { holderBelongsToTheCluster } from './system-id.ts';
import { standbysFollowTheirOwnHistory } from './timelines.ts';

const branch = firstBranch('a');
const LEASE = leaseId('1');
const acknowledges = (host: string): Fact => ({ kind: 'acknowledges', host, branch });
const quiet = (host: string): Fact => ({ kind: 'falls-quiet', host });
const extended = (host: string, sentAt: number): Fact => ({
  kind: 'lease-extended',
  lease: LEASE,
  by: host,
  sentAt,
  ttl: 5000,
});
const stored = (
  key: string,
  change: { value: string | null; previous: string | null; by: string | null; sentAt?: number },
): Fact => ({
  kind: 'stored',
  revision: revision(2n),
  key: storeKey(key),
  lease: change.value === null ? null : LEASE,
  ...change,
});
const locked = (host: string): Fact => stored('leader', { value: host, previous: null, by: host });
const removed = (host: string): Fact => ({
  kind: 'data-removed',
  host,
  had: 'cluster',
  task: { kind: 'remove-data', allowedBy: 'a test' },
});
const identifierOf = (digits: string): SystemId => {
  const identifier = systemId(digits);
  if (identifier === null) throw new Error('no identifier');
  return identifier;
};
const [ONE, TWO] = ['7400000000000000001', '7400000000000000002'];
const created = (host: string, id: string): Fact => ({
  kind: 'cluster-created',
  host,
  systemId: identifierOf(id),
});
const copied = (host: string, id: string): Fact => ({
  kind: 'files-replaced',
  host,
  systemId: identifierOf(id),
});
const began = (host: string, task: PostgresTask): Fact => ({ kind: 'task-began', host, task });
const ended = (host: string, task: PostgresTask): Fact => ({ kind: 'task-ended', host, task, how: 'done' });
const told = (host: string, deadline: number | null): Fact => ({ kind: 'guardian-told', host, deadline });
const configured = (host: string, tags: Tags): Fact => ({ kind: 'agent-began', host, tags });
const promoting = (host: string, position = 0, rivals: readonly WalEnd[] = []): Fact => {
  return { kind: 'promoting', host, branch, position, rivals };
};
/** Stopped in order with its WAL up to 500, unless told otherwise. */
const server = (host: string, state: ServerState, change: Partial<FilesState> = {}): Fact => {
  const files = {
    systemId: identifierOf(ONE),
    branch,
    position: 500,
    checkpointAt: 380,
    control: 'shut down',
    isHalfRewound: false,
    ...change,
  } as const;
  return { kind: 'server', host, state, files };
};
const released = (host: string): Fact => stored('leader', { value: null, previous: host, by: host });
const desired: DesiredPostgres = { parameters: {}, hba: null, ident: null, standby: null };

/** What a checker says to a history of (time, fact), and at its end. */
function judged(checker: Checker, history: readonly (readonly [number, Fact])[], end = 100_000): readonly string[] {
  // As in a run: it is asked about nothing else.
  const heard = history.filter(([, fact]) => checker.hears.includes(fact.kind));
  const said = heard.map(([time, fact]) => checker.see(fact, time));
  return [...said, checker.end?.(end) ?? null].filter((each) => each !== null);
}

describe('no acknowledgement after the deadline', () => {
  const reign = [
    [0, extended('a', 0)],
    [10, locked('a')],
    [20, acknowledges('a')],
  ] as const;

  test('a primary that stops before its deadline keeps the promise', () => {
    expect(judged(noAcknowledgementAfterDeadline(), [...reign, [4999, quiet('a')]])).toEqual([]);
  });

  test('one that stops 1 ms after it breaks it', () => {
    expect(judged(noAcknowledgementAfterDeadline(), [...reign, [5001, quiet('a')]])).toHaveLength(1);
  });

  test('a renewal counts from when it was sent', () => {
    const renewed = [...reign, [4000, extended('a', 3000)]] as const;
    expect(judged(noAcknowledgementAfterDeadline(), [...renewed, [7999, quiet('a')]])).toEqual([]);
    expect(judged(noAcknowledgementAfterDeadline(), [...renewed, [8001, quiet('a')]])).toHaveLength(1);
  });

  test('a gap between two renewals is seen by the second', () => {
    expect(judged(noAcknowledgementAfterDeadline(), [...reign, [6000, extended('a', 5900)]], 6000)).toHaveLength(1);
  });

  test('the founder of a cluster runs before there is a lock; later nobody does', () => {
    expect(judged(noAcknowledgementAfterDeadline(), [[0, acknowledges('a')]], 1)).toEqual([]);
    expect(judged(noAcknowledgementAfterDeadline(), [...reign, [30, acknowledges('b')]], 40)).toHaveLength(2);
  });
});

describe('who leads', () => {
  test('the lock is taken, and writing begins, only with a guardian whose deadline is still to come', () => {
    const checker = () => primaryIsGuarded({ ttl: 5 });
    expect(
      judged(checker(), [
        [1, told('a', 5000)],
        [2, locked('a')],
        [3, acknowledges('a')],
      ]),
    ).toEqual([]);
    expect(judged(checker(), [[1, locked('a')]])).toHaveLength(1);
    expect(
      judged(checker(), [
        [1, told('a', 5000)],
        [5001, locked('a')],
      ]),
    ).toHaveLength(1);
    expect(
      judged(checker(), [
        [1, told('a', 5000)],
        [2, told('a', null)],
        [3, promoting('a')],
      ]),
    ).toHaveLength(1);
    const late = stored('leader', { value: 'a', previous: null, by: 'a', sentAt: 2 });
    expect(
      judged(checker(), [
        [1, told('a', 5000)],
        [3, told('a', null)],
        [900, late],
      ]),
    ).toEqual([]);
    const rested: readonly [number, Fact][] = [
      [1, told('a', 5000)],
      [2, locked('a')],
      [3, told('a', null)],
    ];
    expect(judged(checker(), [...rested, [4, acknowledges('a')]])).toHaveLength(1);
    const goesOn: Fact = { kind: 'acknowledges', host: 'a', branch, afterStandstill: true };
    expect(judged(checker(), [...rested, [4, goesOn]])).toEqual([]);
  });

  test('a guardian that was killed may be missing while it is replaced, and no longer', () => {
    const killed = [
      [1, told('a', 9000)],
      [2, locked('a')],
      [3, { kind: 'guardian-ended', host: 'a' }],
    ] as const;
    expect(judged(primaryIsGuarded({ ttl: 5 }), [...killed, [1000, acknowledges('a')]])).toEqual([]);
    expect(judged(primaryIsGuarded({ ttl: 5 }), [...killed, [2000, acknowledges('a')]])).toHaveLength(1);
  });

  test('a release comes after the last process of the primary', () => {
    const checker = () => releaseOnlyWhenFenced();
    const stopping = [
      [1, server('a', 'primary')],
      [2, server('a', 'stopping')],
    ] as const;
    expect(judged(checker(), [...stopping, [3, server('a', 'down')], [4, released('a')]])).toEqual([]);
    expect(judged(checker(), [...stopping, [4, released('a')]])).toHaveLength(1);
    expect(
      judged(checker(), [
        [1, server('a', 'primary')],
        [2, server('a', 'orphaned')],
        [3, released('a')],
      ]),
    ).toHaveLength(1);
    expect(
      judged(checker(), [
        [1, server('a', 'standby')],
        [2, released('a')],
      ]),
    ).toEqual([]);
  });

  test('whoever released its lock has no deadline left', () => {
    const reign = [
      [0, extended('a', 0)],
      [10, locked('a')],
      [20, acknowledges('a')],
    ] as const;
    expect(judged(noAcknowledgementAfterDeadline(), [...reign, [30, released('a')], [40, quiet('a')]])).toHaveLength(1);
  });

  test('a primary whose agent saw another holder ends writing', () => {
    const sees = (holder: string): Fact => ({ kind: 'picture-seen', host: 'a', revision: revision(3n), holder });
    const news = [
      [1, acknowledges('a')],
      [2, sees('b')],
    ] as const;
    expect(judged(lostLockEndsWriting(), [...news, [100, quiet('a')]])).toEqual([]);
    expect(judged(lostLockEndsWriting(), [...news, [600, quiet('a')]])).toHaveLength(1);
    expect(judged(lostLockEndsWriting(), [...news, [3, sees('a')], [600, quiet('a')]])).toEqual([]);
  });
});

describe('who is chosen, and what is lost', () => {
  test('nofailover is believed as the file said it when the agent began', () => {
    const barred = configured('a', { nofailover: true });
    expect(
      judged(nofailoverNeverPromotes(), [
        [1, barred],
        [2, promoting('a')],
      ]),
    ).toHaveLength(1);
    expect(
      judged(nofailoverNeverPromotes(), [
        [1, configured('a', { failover_priority: '0' })],
        [2, promoting('a')],
      ]),
    ).toHaveLength(1);
    expect(
      judged(nofailoverNeverPromotes(), [
        [1, barred],
        [2, configured('a', {})],
        [3, promoting('a')],
      ]),
    ).toEqual([]);
  });

  test('whoever has more and could be asked is not passed over', () => {
    const checker = () => nobodyAheadIsPassedOver({ ttl: 5 });
    const cluster = [
      [0, configured('b', {})],
      [0, configured('c', {})],
      [1, server('b', 'standby')],
      [1, server('c', 'standby')],
    ] as const;
    const ahead = { host: 'c', branch, position: 101 };
    const fault: Fact = { kind: 'fault', host: 'c', fault: { kind: 'kill-guardian', target: 2 } };
    const named = stored('failover', { value: '{"candidate":"b"}', previous: null, by: null });
    const at = 20_000;
    expect(judged(checker(), [...cluster, [at, promoting('b', 100, [ahead])]])).toHaveLength(1);
    expect(judged(checker(), [...cluster, [at, promoting('b', 101, [ahead])]])).toEqual([]);
    expect(judged(checker(), [...cluster, [at - 100, fault], [at, promoting('b', 100, [ahead])]])).toEqual([]);
    expect(judged(checker(), [...cluster, [at - 100, named], [at, promoting('b', 100, [ahead])]])).toEqual([]);
    const record = [at - 100, server('a', 'down')] as const;
    const hasIt = { host: 'c', branch, position: 500 };
    expect(judged(checker(), [...cluster, record, [at, promoting('b', 380, [hasIt])]])).toEqual([]);
    expect(judged(checker(), [...cluster, record, [at, promoting('b', 379, [hasIt])]])).toHaveLength(1);
  });

  test('a switchover promotes nobody without the last position of the old leader', () => {
    const checker = () => switchoverLosesNothing();
    const request = stored('failover', { value: '{"leader":"a","candidate":"b"}', previous: null, by: 'a' });
    const asked = [
      [1, request],
      [2, server('a', 'down')],
      [3, released('a')],
    ] as const;
    const promoted = (position: number): Fact => {
      return { kind: 'promoted', host: 'b', branch: nextBranch(branch, { position, madeBy: 'b' }), acknowledged: [] };
    };
    const fault: Fact = { kind: 'fault', host: 'b', fault: { kind: 'kill-postgres', target: 1 } };
    expect(judged(checker(), [...asked, [4, promoted(500)]])).toEqual([]);
    expect(judged(checker(), [...asked, [4, promoted(380)]])).toEqual([]);
    expect(judged(checker(), [...asked, [4, promoted(379)]])).toHaveLength(1);
    expect(judged(checker(), [...asked, [4, fault], [5, promoted(379)]])).toEqual([]);
  });
});

describe('what else is promised', () => {
  test('two nodes never acknowledge at one time, one after the other may', () => {
    const checker = () => oneAcknowledges();
    expect(
      judged(checker(), [
        [1, acknowledges('a')],
        [2, quiet('a')],
        [3, acknowledges('b')],
      ]),
    ).toEqual([]);
    expect(
      judged(checker(), [
        [1, acknowledges('a')],
        [2, acknowledges('b')],
      ]),
    ).toHaveLength(1);
  });

  test('the lock changes hands only through absence, and each writes its own name', () => {
    expect(judged(oneHolder(), [[1, locked('a')]])).toEqual([]);
    expect(judged(oneHolder(), [[1, stored('leader', { value: 'b', previous: 'a', by: 'b' })]])).toHaveLength(1);
    expect(judged(oneHolder(), [[1, stored('leader', { value: 'b', previous: null, by: 'a' })]])).toHaveLength(1);
    expect(judged(oneHolder(), [[1, stored('leader', { value: null, previous: 'a', by: 'b' })]])).toHaveLength(1);
  });

  test('only the holder is promoted', () => {
    expect(
      judged(promoteOnlyUnderLease(), [
        [1, locked('a')],
        [2, promoting('a')],
      ]),
    ).toEqual([]);
    expect(
      judged(promoteOnlyUnderLease(), [
        [1, locked('a')],
        [2, promoting('b')],
      ]),
    ).toHaveLength(1);
    const late = [
      [0, extended('a', 0)],
      [1, locked('a')],
      [5000, promoting('a')],
    ] as const;
    expect(judged(promoteOnlyUnderLease(), late)).toHaveLength(1);
    const excused = (why: string): Fact => ({ kind: 'excused', host: 'a', why });
    expect(judged(promoteOnlyUnderLease(), [[0, excused('the machine stood still')], ...late])).toEqual([]);
    expect(judged(promoteOnlyUnderLease(), [[0, excused('paused')], ...late])).toHaveLength(1);
  });

  test('a lock deleted by hand counts for its holder until its agent has seen that', () => {
    const gone = stored('leader', { value: null, previous: 'a', by: null });
    const seen: Fact = { kind: 'picture-seen', host: 'a', revision: revision(2n), holder: null };
    const robbed = [
      [0, extended('a', 0)],
      [1, locked('a')],
      [2, gone],
    ] as const;
    expect(judged(promoteOnlyUnderLease(), [...robbed, [300, promoting('a')]])).toEqual([]);
    expect(judged(promoteOnlyUnderLease(), [...robbed, [3, locked('b')], [300, promoting('a')]])).toEqual([]);
    expect(judged(promoteOnlyUnderLease(), [...robbed, [3, seen], [300, promoting('a')]])).toHaveLength(1);
  });

  test('data goes only where a setting allows it, never from the holder, and never the last copy', () => {
    const two = [
      [1, created('a', ONE)],
      [2, copied('b', ONE)],
    ] as const;
    const allowed = () => dataRemovedOnlyIfAllowed({ removalAllowed: true });
    const never = () => dataRemovedOnlyIfAllowed({ removalAllowed: false });
    expect(judged(allowed(), [...two, [3, removed('a')]])).toEqual([]);
    expect(judged(allowed(), [...two, [3, removed('a')], [4, removed('b')]])).toHaveLength(1);
    expect(judged(allowed(), [...two, [3, locked('a')], [4, removed('a')]])).toHaveLength(1);
    expect(
      judged(allowed(), [
        [1, created('a', ONE)],
        [2, copied('b', TWO)],
        [3, removed('a')],
      ]),
    ).toHaveLength(1);
    expect(judged(never(), [...two, [3, removed('a')]])).toHaveLength(1);
  });

  test('data is moved aside only after a bootstrap', () => {
    const checker = () => dataRemovedOnlyIfAllowed({ removalAllowed: true });
    const aside = began('a', { kind: 'set-aside-data' });
    expect(
      judged(checker(), [
        [1, began('a', { kind: 'bootstrap', desired })],
        [2, aside],
      ]),
    ).toEqual([]);
    expect(
      judged(checker(), [
        [1, began('a', { kind: 'crash-recovery' })],
        [2, aside],
      ]),
    ).toHaveLength(1);
    const bootstrap = { kind: 'bootstrap', desired } as const;
    const stop = began('a', { kind: 'stop', mode: 'immediate', checkpointFirst: false, timeout: null });
    const created: Fact = { kind: 'task-ended', host: 'a', task: bootstrap, how: 'done' };
    expect(
      judged(checker(), [
        [1, began('a', bootstrap)],
        [2, stop],
        [3, aside],
      ]),
    ).toEqual([]);
    expect(
      judged(checker(), [
        [1, began('a', bootstrap)],
        [2, created],
        [3, stop],
        [4, aside],
      ]),
    ).toHaveLength(1);
  });

  test('pg_rewind never copies from a primary whose checkpoint is not done', () => {
    const rewinding = (sourceState: 'checkpointed-primary' | 'primary-without-checkpoint'): Fact => {
      return { kind: 'rewinding', host: 'a', from: 'b', localServer: 'down', sourceState };
    };
    expect(judged(rewindOnlyFromCheckpointedPrimary(), [[1, rewinding('checkpointed-primary')]])).toEqual([]);
    expect(judged(rewindOnlyFromCheckpointedPrimary(), [[1, rewinding('primary-without-checkpoint')]])).toHaveLength(1);
  });

  test('no server runs on a directory that is half rewound', () => {
    const half = { isHalfRewound: true };
    expect(judged(halfRewoundNeverRuns(), [[1, server('a', 'down', half)]])).toEqual([]);
    expect(judged(halfRewoundNeverRuns(), [[1, server('a', 'standby')]])).toEqual([]);
    expect(judged(halfRewoundNeverRuns(), [[1, server('a', 'starting', half)]])).toHaveLength(1);
  });

  test('one cluster is founded, and its identifier stays', () => {
    const published = (id: string, previous: string): Fact => stored('initialize', { value: id, previous, by: 'a' });
    expect(
      judged(oneCluster(), [
        [1, created('a', ONE)],
        [2, published(ONE, '')],
      ]),
    ).toEqual([]);
    expect(
      judged(oneCluster(), [
        [1, created('a', ONE)],
        [2, published(ONE, '')],
        [3, created('b', TWO)],
      ]),
    ).toHaveLength(1);
    expect(
      judged(oneCluster(), [
        [1, created('a', ONE)],
        [2, published(ONE, '')],
        [3, { kind: 'excused', host: 'b', why: 'it stood still' }],
        [4, created('b', TWO)],
      ]),
    ).toEqual([]);
  });

  test('nobody takes the lock with the data of another cluster', () => {
    const cluster = stored('initialize', { value: ONE, previous: '', by: 'a' });
    expect(
      judged(holderBelongsToTheCluster(), [
        [1, copied('a', ONE)],
        [2, cluster],
        [3, locked('a')],
      ]),
    ).toEqual([]);
    expect(
      judged(holderBelongsToTheCluster(), [
        [1, copied('a', TWO)],
        [2, cluster],
        [3, locked('a')],
      ]),
    ).toHaveLength(1);
  });

  test('a leader publishes a finished checkpoint only when it is finished', () => {
    const promoted = { kind: 'promoted', host: 'a', branch, acknowledged: [] } satisfies Fact;
    const says = (fields: string): Fact =>
      stored('members/a', { value: `{"role":"primary"${fields}}`, previous: null, by: 'a' });
    const checkpointed: Fact = { kind: 'checkpointed', host: 'a', branch };
    const reign = [
      [1, locked('a')],
      [2, promoted],
    ] as const;
    expect(judged(checkpointFlagTellsTheTruth(), [...reign, [3, says(',"checkpoint_after_promote":false')]])).toEqual(
      [],
    );
    expect(judged(checkpointFlagTellsTheTruth(), [...reign, [3, says('')]])).toHaveLength(1);
    expect(judged(checkpointFlagTellsTheTruth(), [...reign, [3, checkpointed], [4, says('')]])).toEqual([]);
    const onward: Fact = { ...promoted, branch: nextBranch(branch, { position: 10, madeBy: 'a' }) };
    const again = [...reign, [3, checkpointed], [4, onward]] as const;
    expect(judged(checkpointFlagTellsTheTruth(), [...again, [5, says(',"timeline":2')]])).toHaveLength(1);
    expect(judged(checkpointFlagTellsTheTruth(), [...again, [5, says(',"timeline":1')]])).toEqual([]);
  });

  test('status and history are written by the holder only', () => {
    const writes = (host: string): Fact => stored('status', { value: '{}', previous: null, by: host });
    expect(
      judged(onlyTheLeaderSpeaksForTheCluster(), [
        [1, locked('a')],
        [2, writes('a')],
      ]),
    ).toEqual([]);
    expect(
      judged(onlyTheLeaderSpeaksForTheCluster(), [
        [1, locked('a')],
        [2, writes('b')],
      ]),
    ).toHaveLength(1);
    expect(
      judged(onlyTheLeaderSpeaksForTheCluster(), [
        [1, locked('a')],
        [2, released('a')],
        [3, writes('a')],
      ]),
    ).toHaveLength(1);
  });

  test('one task at a time, and the next after its end', () => {
    const [recovery, aside] = [{ kind: 'crash-recovery' }, { kind: 'end-orphans' }] as const;
    expect(
      judged(oneTaskAtATime(), [
        [1, began('a', recovery)],
        [2, ended('a', recovery)],
        [3, began('a', aside)],
      ]),
    ).toEqual([]);
    expect(
      judged(oneTaskAtATime(), [
        [1, began('a', recovery)],
        [2, began('a', aside)],
      ]),
    ).toHaveLength(1);
    expect(
      judged(oneTaskAtATime(), [
        [1, began('a', recovery)],
        [2, began('b', aside)],
      ]),
    ).toEqual([]);
  });

  test('a standby that follows another branch of the same number, and a machine that throws, are violations', () => {
    const follows = { kind: 'follows-another-history', host: 'a', from: 'b', timeline: 3, askedFor: true } as const;
    const defect: Fact = { kind: 'defect', host: memberName('a'), actor: 'agent', message: 'a sentence' };
    expect(judged(standbysFollowTheirOwnHistory(), [[1, follows]])).toHaveLength(1);
    expect(judged(standbysFollowTheirOwnHistory(), [[1, { ...follows, askedFor: false }]])).toEqual([]);
    expect(judged(noDefect(), [[1, defect]])).toHaveLength(1);
  });
});

describe('the last renewal is told truly', () => {
  const seeks = (renewedBeforeMs: number): Fact => ({ kind: 'seeks-lock', host: 'b', former: 'a', renewedBeforeMs });
  const expired = stored('leader', { value: null, previous: 'a', by: null });
  const reign = [
    [0, extended('a', 0)],
    [10, locked('a')],
    [4000, extended('a', 3990)],
    [9500, expired],
  ] as const;

  test('a span that is not longer than it was is true', () => {
    expect(judged(lastRenewalIsToldTruly(), [...reign, [9600, seeks(5100)]])).toEqual([]);
  });

  test('a longer one is not', () => {
    expect(judged(lastRenewalIsToldTruly(), [...reign, [9600, seeks(5800)]])).toHaveLength(1);
  });

  test('who comes too late says it of an earlier reign', () => {
    const late = [...reign, [9550, locked('a')], [9600, seeks(5800)]] as const;

    expect(judged(lastRenewalIsToldTruly(), late)).toEqual([]);
  });
});
