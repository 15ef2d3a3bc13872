import { describe, expect, test } from 'vitest';
import {
  acknowledges,
  branch,
  configured,
  judged,
  locked,
  promoting,
  released,
  server,
  stored,
} from '../../../test/support/checker-histories.ts';
import { revision } from '../../domain/names.ts';
import { firstBranch, nextBranch, type WalBranch } from '../postgres/wal-branch.ts';
import type { Fact, WalEnd } from '../world/facts.ts';
import { calmSettings } from '../world/settings.ts';
import { electorsHaveWhatWasAcknowledged } from './electors.ts';
import { nofailoverNeverPromotes } from './nofailover.ts';
import { nobodyLeadsFromAnOlderTimeline } from './older-timeline.ts';
import { nobodyAheadIsPassedOver } from './passed-over.ts';
import { switchoverLosesNothing } from './switchover-loss.ts';
import { acknowledgedIsKept } from './sync-loss.ts';
import { winnerIsInTheSyncKey } from './sync-winner.ts';
import { nobodyLeadsUnheard } from './votes.ts';

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

  test('whom a manual failover names is the measure once the key is its own, whoever is promoted then (seed 30071961)', () => {
    const at = (host: string, position: number) => ({ host, branch, position });
    const keyOf = (leader: string, voter: string): Fact =>
      stored('sync', {
        value: `{"leader":"${leader}","quorum":0,"sync_standby":"${voter}"}`,
        previous: null,
        by: leader,
      });
    const flushed = [at('a', 150), at('b', 100), at('c', 100)];
    const change = (...acknowledged: readonly WalEnd[]): Fact => {
      return { kind: 'electors-change', acknowledged, flushed, withoutData: [] };
    };
    const promoted = (host: string, position: number): Fact => {
      return {
        kind: 'promoted',
        host,
        branch: nextBranch(branch, { position, madeBy: host }),
        acknowledged: [at('a', 150)],
      };
    };
    const after = (request: string, ...facts: readonly Fact[]) => {
      const begins = [
        stored('config', { value: '{"synchronous_mode":"quorum"}', previous: null, by: 'a' }),
        locked('a'),
        acknowledges('a'),
        keyOf('a', 'c'),
        released('a'),
        stored('failover', { value: request, previous: null, by: 'b' }),
        locked('b'),
      ];
      return judged(
        acknowledgedIsKept(),
        [...begins, ...facts].map((fact, index): [number, Fact] => [index, fact]),
      );
    };
    const toB = '{"member":"b"}';
    const begun = [keyOf('b', 'a'), change(at('a', 150)), released('b')];
    expect(after(toB, ...begun, locked('c'), promoted('c', 100))).toEqual([]);
    expect(after(toB, ...begun, locked('c'), promoted('c', 90))).toHaveLength(1);
    expect(after(toB, released('b'), locked('c'), promoted('c', 100))).toHaveLength(1);
    expect(after('{"leader":"a","member":"b"}', ...begun, locked('c'), promoted('c', 100))).toHaveLength(1);
    const again = [locked('a'), keyOf('a', 'c'), change(at('a', 150)), released('a')];
    expect(after(toB, ...begun, ...again, locked('c'), promoted('c', 100))).toHaveLength(1);
  });

  test('a cluster that was founded anew, by one whose lock was deleted by hand, has lost nothing (seed 32154019)', () => {
    const [first, second] = [firstBranch('d'), firstBranch('c')];
    const founds = (host: string, its: WalBranch): Fact => ({ kind: 'acknowledges', host, branch: its });
    const acknowledged = [{ host: 'd', branch: first, position: 150 }];
    const promoted = (from: WalBranch): Fact => {
      return { kind: 'promoted', host: 'c', branch: nextBranch(from, { position: 100, madeBy: 'c' }), acknowledged };
    };
    const after = (...facts: readonly Fact[]) => {
      const begins = [
        stored('config', { value: '{"synchronous_mode":true}', previous: null, by: 'd' }),
        locked('d'),
        founds('d', first),
        released('d'),
      ];
      const key = stored('sync', { value: '{"leader":"c","quorum":0,"sync_standby":null}', previous: null, by: 'c' });
      const all = [...begins, ...facts, locked('c'), key, released('c'), locked('c')];
      return (from: WalBranch) =>
        judged(
          acknowledgedIsKept(),
          [...all, promoted(from)].map((fact, index): [number, Fact] => [index, fact]),
        );
    };
    expect(after(founds('c', second))(second)).toEqual([]);
    expect(after()(first), 'it is the first one').toHaveLength(1);
  });

  test('what was written while the mode was off counts no longer than until a leader has the key (seed 37104635)', () => {
    const at = (host: string, its: WalBranch, position: number) => ({ host, branch: its, position });
    const given = nextBranch(branch, { position: 100, madeBy: 'c' });
    const toC: Fact = { kind: 'promoted', host: 'c', branch: given, acknowledged: [] };
    const key = stored('sync', { value: '{"leader":"a","quorum":0,"sync_standby":"c"}', previous: null, by: 'a' });
    const change: Fact = {
      kind: 'electors-change',
      acknowledged: [at('a', branch, 200)],
      flushed: [],
      withoutData: [],
    };
    const mode = (value: string): Fact =>
      stored('config', { value: `{"synchronous_mode":${value}}`, previous: null, by: 'a' });
    const again = (forkedAt: number): Fact => ({
      kind: 'promoted',
      host: 'c',
      branch: nextBranch(branch, { position: forkedAt, madeBy: 'c' }),
      acknowledged: [at('c', given, 150), at('a', branch, 200)],
    });
    const after = (before: string, last: Fact) =>
      judged(
        acknowledgedIsKept(),
        [
          ...[mode(before), locked('c'), toC, released('c'), locked('a'), acknowledges('a'), mode('true'), key, change],
          ...[released('a'), locked('c'), last],
        ].map((fact, index): [number, Fact] => [index, fact]),
      );
    expect(after('false', again(200))).toEqual([]);
    expect(after('false', again(190)), 'what the leader with the key acknowledged').toHaveLength(1);
  });

  test('a voter has what was acknowledged when the key is written; one whose data is gone, when its copy is complete', () => {
    const at = (host: string, position: number) => ({ host, branch, position });
    const change = (flushed: readonly WalEnd[], withoutData: readonly string[] = []): Fact => {
      return { kind: 'electors-change', acknowledged: [at('a', 100)], flushed, withoutData };
    };
    const begins: readonly [number, Fact][] = [
      [1, stored('config', { value: '{"synchronous_mode":true}', previous: null, by: 'a' })],
      [2, stored('leader', { value: 'a', previous: null, by: 'a' })],
      [3, stored('sync', { value: '{"leader":"a","quorum":0,"sync_standby":"b"}', previous: null, by: 'a' })],
    ];
    const after = (...facts: readonly Fact[]) => {
      const later = facts.map((fact, index): [number, Fact] => [4 + index, fact]);
      return judged(electorsHaveWhatWasAcknowledged(), [...begins, ...later]);
    };
    expect(after(change([at('b', 100)]))).toEqual([]);
    expect(after(change([at('b', 99)]))).toHaveLength(1);
    expect(after(change([], ['b']))).toEqual([]);
    expect(after(change([], ['b']), change([at('b', 99)]))).toHaveLength(1);
    expect(after(change([]))).toHaveLength(1);
  });

  test('after a restore what is acknowledged counts again once a leader has written its own key', () => {
    const put = (key: string, value: string | null, by: string | null): Fact =>
      stored(key, { value, previous: null, by });
    const end = { host: 'a', branch, position: 150 };
    const ownKey = '{"leader":"a","quorum":0,"sync_standby":"c"}';
    const writes: Fact = { kind: 'electors-change', acknowledged: [end], flushed: [], withoutData: [] };
    const led = [put('config', '{"synchronous_mode":true}', 'a'), put('leader', 'a', 'a'), acknowledges('a')];
    const restored = [put('config', '{"synchronous_mode":true}', null), put('leader', 'a', null)];
    const promoted: readonly Fact[] = [
      released('a'),
      put('leader', 'c', 'c'),
      {
        kind: 'promoted',
        host: 'c',
        branch: nextBranch(branch, { position: 100, madeBy: 'c' }),
        acknowledged: [end],
      },
    ];
    const lost = (...facts: readonly Fact[]) =>
      judged(
        acknowledgedIsKept(),
        [...led, ...facts, ...promoted].map((fact, index): [number, Fact] => [index, fact]),
      ).length;
    const taken: Fact = { kind: 'fault', host: null, fault: { kind: 'restore-store', span: 9_000 } };
    expect(lost(put('sync', ownKey, 'a'), writes, taken), 'the backup is not put back yet').toBe(1);
    expect(lost(put('sync', ownKey, 'a'), writes, ...restored, put('sync', ownKey, null))).toBe(0);
    expect(lost(...restored, put('sync', ownKey, null), put('sync', ownKey, 'a'), writes)).toBe(1);
  });

  test('after a restore votes count for whoever wins a race, and not for whom the backup gives the lock', () => {
    const put = (key: string, value: string | null, by: string | null): Fact =>
      stored(key, { value, previous: null, by });
    const restored = [
      put('config', '{"synchronous_mode":"quorum"}', null),
      put('sync', '{"leader":"a","quorum":1,"sync_standby":"b,c"}', null),
      put('leader', null, null),
      put('leader', 'b', null),
    ];
    const won = [put('leader', null, 'b'), put('leader', 'c', 'c')];
    const unheard = (...facts: readonly Fact[]) =>
      judged(
        nobodyLeadsUnheard(),
        facts.map((fact, index): [number, Fact] => [index, fact]),
      ).length;
    expect(unheard(...restored, promoting('b'))).toBe(0);
    expect(unheard(...restored, ...won, promoting('c'))).toBe(1);
    const heard: Fact = { kind: 'testified', host: 'c', by: 'b' };
    expect(unheard(...restored, ...won, heard, promoting('c'))).toBe(0);
    const deletedByHand = put('leader', null, null);
    expect(unheard(...restored, ...won, heard, deletedByHand, promoting('c')), 'seed 32005799').toBe(0);
    expect(unheard(...restored, ...won, deletedByHand, promoting('c'))).toBe(1);
  });

  test('a timeline that the cluster has left leads no more, as far as the history told it', () => {
    const at = (number: bigint, fact: Fact): Fact =>
      fact.kind === 'stored' ? { ...fact, revision: revision(number) } : fact;
    const left = at(
      7n,
      stored('history', { value: '[[1,100,"no recovery target specified"]]', previous: null, by: 'b' }),
    );
    const sees = (number: bigint): Fact => ({
      kind: 'picture-seen',
      host: 'a',
      revision: revision(number),
      holder: null,
      paused: false,
    });
    const takes = stored('leader', { value: 'a', previous: null, by: 'a' });
    const follows = stored('config', { value: '{"standby_cluster":{"host":"far"}}', previous: null, by: null });
    const judge = (...facts: readonly Fact[]) =>
      judged(
        nobodyLeadsFromAnOlderTimeline(),
        [...facts, takes, promoting('a')].map((fact) => [1, fact] as const),
      );
    expect(judge(left, sees(7n))).toHaveLength(1);
    expect(
      judged(
        nobodyLeadsFromAnOlderTimeline(),
        [left, sees(7n), acknowledges('a'), takes].map((fact) => [1, fact]),
      ),
    ).toHaveLength(1);
    expect(judge(left, sees(6n)), 'nobody had told it').toEqual([]);
    expect(judge(sees(7n)), 'nobody has left it').toEqual([]);
    expect(judge(left, sees(7n), follows), 'the history of another cluster').toEqual([]);
    const goesItsOwnWay = stored('config', { value: '{}', previous: null, by: null });
    expect(judge(left, sees(7n), takes, follows, goesItsOwnWay).length, 'taken anew since').toBe(1);
    const kept = [left, sees(7n), takes, follows, goesItsOwnWay, promoting('a')].map((fact) => [1, fact] as const);
    expect(judged(nobodyLeadsFromAnOlderTimeline(), kept), 'held since before it was rewound').toEqual([]);
    expect(judge(left, sees(9n), at(3n, left)), 'a backup came back since').toEqual([]);
  });

  test('whoever has more and could be asked is not passed over', () => {
    const watchdog = { ...calmSettings.watchdog, mode: 'required' } as const;
    const checker = () => nobodyAheadIsPassedOver({ ttl: 5, watchdog });
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
    const catchesUp = { ...ahead, hasGrown: true } as const;
    expect(judged(checker(), [...cluster, [at, promoting('b', 100, [catchesUp])]])).toEqual([]);
    expect(judged(checker(), [...cluster, [at - 100, fault], [at, promoting('b', 100, [ahead])]])).toEqual([]);
    expect(judged(checker(), [...cluster, [at - 100, named], [at, promoting('b', 100, [ahead])]])).toEqual([]);
    const gaveUp = [at - 100, { kind: 'watchdog-told', host: 'c', how: 'failed' }] as const;
    const isBack = [at - 50, { kind: 'watchdog-told', host: 'c', how: 'usable' }] as const;
    expect(judged(checker(), [...cluster, gaveUp, [at, promoting('b', 100, [ahead])]])).toEqual([]);
    expect(judged(checker(), [...cluster, gaveUp, isBack, [at, promoting('b', 100, [ahead])]])).toHaveLength(1);
    const ended: Fact = { kind: 'guardian-ended', host: 'c' };
    const began: Fact = { kind: 'guardian-began', host: 'c' };
    expect(judged(checker(), [...cluster, [2, ended], [at, promoting('b', 100, [ahead])]])).toEqual([]);
    expect(judged(checker(), [...cluster, [2, ended], [3, began], [at, promoting('b', 100, [ahead])]])).toHaveLength(1);
    const isNotAsked = nobodyAheadIsPassedOver(calmSettings);
    expect(judged(isNotAsked, [...cluster, gaveUp, [at, promoting('b', 100, [ahead])]])).toHaveLength(1);
    const goesOn = [
      [2, { kind: 'excused', host: 'a', why: 'paused' }],
      [3, acknowledges('a')],
    ] as const;
    expect(judged(checker(), [...cluster, ...goesOn, [at, promoting('b', 100, [ahead])]])).toEqual([]);
    const stopped = [at - 100, { kind: 'falls-quiet', host: 'a' }] as const;
    expect(judged(checker(), [...cluster, ...goesOn, stopped, [at, promoting('b', 100, [ahead])]])).toHaveLength(1);
    const record = [at - 100, server('a', 'down')] as const;
    const hasIt = { host: 'c', branch, position: 500 };
    expect(judged(checker(), [...cluster, record, [at, promoting('b', 380, [hasIt])]])).toEqual([]);
    expect(judged(checker(), [...cluster, record, [at, promoting('b', 379, [hasIt])]])).toHaveLength(1);
  });

  test('whom a backup of the store gives the lock has to be in the sync key of that backup', () => {
    const restored = (key: string, value: string) => [1, stored(key, { value, previous: null, by: null })] as const;
    const backup = (holder: string) => [
      restored('config', '{"synchronous_mode":true}'),
      restored('leader', holder),
      restored('sync', '{"leader":"a","quorum":0,"sync_standby":"b"}'),
      [2, promoting(holder)] as const,
    ];
    expect(judged(winnerIsInTheSyncKey(), backup('b'))).toEqual([]);
    expect(judged(winnerIsInTheSyncKey(), backup('c'))).toHaveLength(1);
  });

  test.each([
    ['quorum', nobodyLeadsUnheard, '"quorum"'],
    ['on', winnerIsInTheSyncKey, 'true'],
  ])(
    'mode %s: who has led under this very lock is promoted again whatever key was there before (seed 31075392)',
    (_, checker, mode) => {
      const put = (at: number, key: string, value: string | null, by: string | null = 'c'): [number, Fact] => {
        return [at, stored(key, { value, previous: null, by })];
      };
      const won = [
        put(1, 'config', `{"synchronous_mode":${mode}}`),
        put(1, 'sync', '{"leader":"b","quorum":0,"sync_standby":""}', 'b'),
        put(1, 'leader', null, null),
        put(2, 'leader', 'c'),
      ];
      const led: [number, Fact] = [3, acknowledges('c')];
      expect(judged(checker(), [...won, [4, promoting('c')]])).toHaveLength(1);
      expect(judged(checker(), [...won, [3, acknowledges('b')], [4, promoting('c')]])).toHaveLength(1);
      expect(judged(checker(), [...won, led, [4, promoting('c')]])).toEqual([]);
      const again = [put(5, 'leader', null, null), put(6, 'leader', 'c')];
      expect(judged(checker(), [...won, led, ...again, [7, promoting('c')]])).toHaveLength(1);
    },
  );

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
    // Seed 31850734: who has won leaves at once, before it has taken the request away.
    const others = stored('failover', { value: '{"leader":"c","candidate":"a"}', previous: null, by: 'c' });
    expect(judged(checker(), [[1, others], ...asked.slice(1), [4, promoted(379)]])).toEqual([]);
    const follows = (value: string): Fact => stored('config', { value, previous: null, by: 'a' });
    const remote = [0, follows('{"standby_cluster":{"host":"far"}}')] as const;
    expect(judged(checker(), [remote, ...asked, [4, follows('{}')], [5, promoted(379)]])).toEqual([]);
    expect(judged(checker(), [remote, [0, follows('{}')], ...asked, [4, promoted(379)]])).toHaveLength(1);
    const cut = (host: string, span: number): Fact => {
      return { kind: 'fault', host, fault: { kind: 'cut-node', target: 1, from: 'peers', direction: 'both', span } };
    };
    expect(judged(checker(), [[0, cut('b', 5)], ...asked, [4, promoted(379)]])).toEqual([]);
    expect(judged(checker(), [[0, cut('b', 2)], ...asked, [4, promoted(379)]])).toHaveLength(1);
    expect(judged(checker(), [[0, cut('c', 5)], ...asked, [4, promoted(379)]])).toHaveLength(1);
    // Seed 10145105: a backup of the store brought lock and request back while the old leader was being rewound.
    const half = [2, server('a', 'down', { isHalfRewound: true })] as const;
    expect(judged(checker(), [[1, request], half, [3, released('a')], [4, promoted(379)]])).toEqual([]);
    expect(judged(checker(), [[1, request], half, ...asked.slice(1), [4, promoted(379)]])).toHaveLength(1);
  });
});
