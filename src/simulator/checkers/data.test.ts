import { describe, expect, test } from 'vitest';
import {
  began,
  copied,
  created,
  desired,
  judged,
  locked,
  ONE,
  removed,
  server,
  TWO,
} from '../../../test/support/checker-histories.ts';
import { memberName } from '../../domain/names.ts';
import type { Fact } from '../world/facts.ts';
import { dataRemovedOnlyIfAllowed } from './data-removal.ts';
import { halfRewoundNeverRuns } from './half-rewound.ts';
import { noDefect } from './no-defect.ts';
import { rewindOnlyFromCheckpointedPrimary } from './rewind-source.ts';
import { standbysFollowTheirOwnHistory } from './timelines.ts';

describe('what becomes of data', () => {
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
    expect(judged(rewindOnlyFromCheckpointedPrimary(), [[1, rewinding]])).toEqual([]);
    const tooEarly = { ...rewinding, sourceState: 'primary-without-checkpoint' } as const;
    expect(judged(rewindOnlyFromCheckpointedPrimary(), [[1, tooEarly]])).toHaveLength(1);
  });

  test('nor is anything rewound that has not come to the end of the last rewind', () => {
    const again = { ...rewinding, localFiles: 'before-backup-end' } as const;
    expect(judged(rewindOnlyFromCheckpointedPrimary(), [[1, again]])).toHaveLength(1);
  });

  test('nor what was stopped in the middle of crash recovery', () => {
    const cutShort = { ...rewinding, localFiles: 'crash-recovery' } as const;
    expect(judged(rewindOnlyFromCheckpointedPrimary(), [[1, cutShort]])).toHaveLength(1);
  });

  test('no server runs on a directory that is half rewound', () => {
    const half = { isHalfRewound: true };
    expect(judged(halfRewoundNeverRuns(), [[1, server('a', 'down', half)]])).toEqual([]);
    expect(judged(halfRewoundNeverRuns(), [[1, server('a', 'standby')]])).toEqual([]);
    expect(judged(halfRewoundNeverRuns(), [[1, server('a', 'starting', half)]])).toHaveLength(1);
  });

  test('a standby that follows another branch of the same number, and a machine that throws, are violations', () => {
    const follows = { kind: 'follows-another-history', host: 'a', from: 'b', timeline: 3, askedFor: true } as const;
    const defect: Fact = { kind: 'defect', host: memberName('a'), actor: 'agent', message: 'a sentence' };
    expect(judged(standbysFollowTheirOwnHistory(), [[1, follows]])).toHaveLength(1);
    expect(judged(standbysFollowTheirOwnHistory(), [[1, { ...follows, askedFor: false }]])).toEqual([]);
    expect(judged(noDefect(), [[1, defect]])).toHaveLength(1);
  });
});

const rewinding = {
  kind: 'rewinding',
  host: 'a',
  from: 'b',
  localServer: 'down',
  localFiles: 'consistent',
  sourceState: 'checkpointed-primary',
} as const;
