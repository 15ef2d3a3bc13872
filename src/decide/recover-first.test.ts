import { describe } from 'vitest';
import { decided, formerPrimary } from '../../test/support/observations.ts';
import { A, branch } from '../../test/support/observed-parts.ts';
import { runs, table } from '../../test/support/table.ts';

describe('a former primary that was stopped in the middle of its crash recovery', () => {
  const cutShort = { control: { state: 'shut down in recovery', minRecoveryEnd: null } } as const;
  const diverged = { kind: 'diverged', leader: A, leaderTimeline: branch(4), why: 'it has more' } as const;
  const recovers = runs('recover-before-check', { kind: 'crash-recovery' });
  table(decided, formerPrimary, [
    ['is recovered first: pg_rewind would take the last checkpoint for its end', cutShort, recovers],
    [
      'also once it is known to have diverged, and was started as a standby',
      {
        ...cutShort,
        directory: { signal: 'standby' },
        members: { a: { timeline: branch(4) } },
        memory: { divergence: diverged },
      },
      recovers,
    ],
  ]);
});
