import { describe, expect, test } from 'vitest';
import {
  began,
  branch,
  copied,
  created,
  ended,
  judged,
  locked,
  ONE,
  released,
  server,
  stored,
  TWO,
} from '../../../test/support/checker-histories.ts';
import { millis } from '../../domain/time.ts';
import { nextBranch } from '../postgres/wal-branch.ts';
import type { Fact } from '../world/facts.ts';
import { checkpointFlagTellsTheTruth } from './checkpoint-flag.ts';
import { onlyTheLeaderSpeaksForTheCluster } from './leader-writes.ts';
import { oneCluster } from './one-cluster.ts';
import { oneTaskAtATime } from './one-task.ts';
import { promotedOnce } from './promoted-once.ts';
import { holderBelongsToTheCluster } from './system-id.ts';

describe('what a cluster says of itself, and does one by one', () => {
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

  test('whoever was told that it is promoted does not ask for it again while that server lives', () => {
    const promotion = { kind: 'promote', safety: millis(1_000) } as const;
    const done: readonly [number, Fact][] = [
      [1, began('a', promotion)],
      [2, server('a', 'primary')],
      [3, ended('a', promotion)],
    ];
    expect(judged(promotedOnce(), [...done, [4, began('a', promotion)]])).toHaveLength(1);
    expect(judged(promotedOnce(), [...done, [4, server('a', 'down')], [5, began('a', promotion)]])).toEqual([]);
    expect(judged(promotedOnce(), [...done, [4, began('b', promotion)]])).toEqual([]);
  });
});
