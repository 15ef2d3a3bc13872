import { describe, expect, test } from 'vitest';
import { type Difference, leader } from '../../test/support/observations.ts';
import { primaryAnswer, standbyAnswer } from '../../test/support/observed-parts.ts';
import type { PostgresTask } from '../domain/task.ts';
import { seconds } from '../domain/time.ts';
import { desiredPrimary, desiredStandby } from './desired-postgres.ts';
import { PRIMARY_SAFETY } from './lease-safety.ts';
import { needsNoGuardian } from './remote-source.ts';

/** It leads a standby cluster. */
function standbyLeader(difference: Difference = {}) {
  return leader({
    server: standbyAnswer(),
    directory: { signal: 'standby' },
    ...difference,
    dynamic: { standby_cluster: { host: '10.9.0.1' }, ...difference.dynamic },
  });
}

const { o: beside } = standbyLeader();
const asPrimary = {
  kind: 'start',
  desired: desiredPrimary(beside),
  timeout: seconds(60),
  safety: PRIMARY_SAFETY,
} as const;
const asStandby = desiredStandby(beside, null);

/** It was down when the agent looked last. */
function whileItRuns(task: PostgresTask) {
  return standbyLeader({ server: { kind: 'down' }, process: { kind: 'none' }, directory: { signal: 'none' }, task });
}

describe('the guardian', () => {
  test.each([
    ['rests beside a standby of a standby cluster', standbyLeader(), true],
    [
      'guards a primary until it is stopped',
      standbyLeader({ server: primaryAnswer(), directory: { signal: 'none' } }),
      false,
    ],
    ['guards what nobody has looked at yet', standbyLeader({ observation: { postgres: null } }), false],
    ['guards a primary that only starts yet (seed 37120243)', whileItRuns(asPrimary), false],
    ['rests while a standby starts', whileItRuns({ ...asPrimary, desired: asStandby }), true],
    ['guards once the cluster follows nobody', standbyLeader({ dynamic: { standby_cluster: null } }), false],
  ] as const)('%s', (_rule, { o, m }, rests) => {
    expect(needsNoGuardian(o, m)).toBe(rests);
  });
});
