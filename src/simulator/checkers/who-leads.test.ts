import { describe, expect, test } from 'vitest';
import {
  acknowledges,
  branch,
  extended,
  judged,
  locked,
  promoting,
  quiet,
  released,
  server,
  stored,
  told,
} from '../../../test/support/checker-histories.ts';
import { revision } from '../../domain/names.ts';
import type { Fact } from '../world/facts.ts';
import { noAcknowledgementAfterDeadline } from './deadline.ts';
import { primaryIsGuarded } from './guarded.ts';
import { releaseOnlyWhenFenced } from './lock-release.ts';
import { lostLockEndsWriting } from './lost-lock.ts';
import { wedgedAgentStopsRenewing } from './wedged-agent.ts';

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
    const seen = { kind: 'picture-seen', host: 'a', revision: revision(3n), paused: false } as const;
    const sees = (holder: string): Fact => ({ ...seen, holder });
    const news = [
      [1, acknowledges('a')],
      [2, sees('b')],
    ] as const;
    expect(judged(lostLockEndsWriting(), [...news, [100, quiet('a')]])).toEqual([]);
    expect(judged(lostLockEndsWriting(), [...news, [600, quiet('a')]])).toHaveLength(1);
    expect(judged(lostLockEndsWriting(), [...news, [3, sees('a')], [600, quiet('a')]])).toEqual([]);
  });

  test('a heartbeat renews nothing for an agent that has not made a step for a ttl', () => {
    const stall = { kind: 'stall-agent', target: 0, span: 20_000 } as const;
    const wedged: readonly [number, Fact][] = [
      [10, { kind: 'fault', host: 'a', fault: stall }],
      [4000, extended('a', 4000)],
    ];
    const late: [number, Fact] = [6000, extended('a', 6000)];
    expect(judged(wedgedAgentStopsRenewing(), wedged)).toEqual([]);
    expect(judged(wedgedAgentStopsRenewing(), [...wedged, late])).toHaveLength(1);
    // Seed 31860691: a longer ttl was set, and the lease is still one of before.
    const longer = [1, stored('config', { value: '{"ttl":30}', previous: null, by: null })] as const;
    expect(judged(wedgedAgentStopsRenewing(), [longer, ...wedged, late])).toEqual([]);
    expect(judged(wedgedAgentStopsRenewing(), [...wedged, [5000, { kind: 'faults-over' }], late])).toEqual([]);
    expect(judged(wedgedAgentStopsRenewing(), [...wedged, [21_000, extended('a', 21_000)]])).toEqual([]);
    const frozen: Fact = { kind: 'fault', host: 'a', fault: { kind: 'freeze-agent', target: 0, span: 5 } };
    expect(judged(wedgedAgentStopsRenewing(), [...wedged, [5000, frozen], late])).toEqual([]);
  });
});
