import { describe, expect } from 'vitest';
import { decided, formerPrimary } from '../../test/support/observations.ts';
import { A, branch, history, NOW } from '../../test/support/observed-parts.ts';
import { runs, table } from '../../test/support/table.ts';
import { millis } from '../domain/time.ts';

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

describe('a former primary that cannot be recovered', () => {
  const inVain = { until: NOW, failures: 2, reason: 'the disk is full', span: millis(1) };
  table(decided, formerPrimary, [
    [
      'waits for no recovery of the leader: how far its own WAL goes is not known',
      {
        control: { state: 'in production' },
        memory: { backoffs: new Map([['recover-before-check', inVain]]) },
        observation: { leaderHistory: history({}) },
      },
      { rule: 'wait-for-leader-primary', facts: { why: expect.stringMatching(/^it answered/) } },
    ],
  ]);
});
