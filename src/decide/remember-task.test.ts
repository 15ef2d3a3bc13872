import { describe } from 'vitest';
import { type Situation, stopped } from '../../test/support/observations.ts';
import { A, anyFiles, branch, fromA } from '../../test/support/observed-parts.ts';
import { table } from '../../test/support/table.ts';
import type { Action } from '../domain/decision.ts';
import type { DesiredPostgres } from '../domain/desired-postgres.ts';
import type { Memory } from '../domain/memory.ts';
import { millis } from '../domain/time.ts';
import { conclude } from './conclude.ts';
import { remember } from './remember.ts';
import type { RuleId } from './rules.ts';

const alone: DesiredPostgres = { ...anyFiles, standby: { upstream: null, slot: null, recovery: {} } };
const followingA: DesiredPostgres = { ...anyFiles, standby: { upstream: fromA, slot: null, recovery: {} } };

/** What is remembered once this has failed. */
const failed =
  (rule: RuleId, action: Action, how: { readonly late?: true; readonly cancelled?: true } = {}) =>
  ({ o, m }: Situation): Memory =>
    remember(m, o, { kind: 'ended', decision: conclude(rule, action), end: { kind: 'failed', reason: '', ...how } });
const done =
  (rule: RuleId, action: Action, how: { readonly unchanged?: true } = {}) =>
  ({ o, m }: Situation): Memory =>
    remember(m, o, {
      kind: 'ended',
      decision: conclude(rule, action),
      end: { kind: 'done', systemId: null, revision: null, ...how },
    });

describe('what the files say after a failure', () => {
  const start: Action = { kind: 'run', task: { kind: 'start', desired: alone, timeout: millis(1) } };
  const fitsA = { divergence: { kind: 'fits', leader: A, leaderTimeline: branch(4) } } as const;
  table(failed('start-unverified', start, { late: true }), stopped, [
    [
      'what takes too long to start goes on as it was started, and is compared once more (seed 10302792)',
      { memory: { ...fitsA, applied: followingA } },
      { applied: alone, divergence: { kind: 'unchecked' } },
    ],
  ]);
  table(failed('change-upstream', { kind: 'reconfigure', desired: alone }), stopped, [
    [
      'when they could not all be written nobody knows: they are written once more',
      { memory: { applied: followingA } },
      { applied: null },
    ],
  ]);
});

describe('whose WAL it needs', () => {
  const rewind: Action = { kind: 'run', task: { kind: 'rewind', from: fromA, options: [], patience: millis(1) } };
  const copy: Action = { kind: 'run', task: { kind: 'clone', from: fromA, methods: [], patience: millis(1) } };
  table(done('rewind', rewind), stopped, [
    ['what was rewound, that of whom it was rewound from', {}, { rewoundFrom: A, copiedFrom: null }],
  ]);
  table(done('rewind', rewind, { unchanged: true }), stopped, [
    ['not where there was nothing to rewind', {}, { rewoundFrom: null }],
  ]);
  table(done('new-copy', copy), stopped, [
    ['a copy, that of whom it was copied from', { memory: { rewoundFrom: 'c' } }, { rewoundFrom: null, copiedFrom: A }],
  ]);
});

describe('a stop that was broken off', () => {
  const stop: Action = { kind: 'run', task: { kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: null } };
  table(failed('lease-running-out', stop, { cancelled: true }), stopped, [
    ['may have left a server that runs', {}, { stopCutShort: true }],
  ]);
  table(failed('lease-running-out', stop), stopped, [['one that failed is looked at', {}, { stopCutShort: false }]]);
  table(done('lock-lost', stop), stopped, [
    ['until the next one is through', { memory: { stopCutShort: true } }, { stopCutShort: false }],
  ]);
  const looked = ({ o, m }: Situation): Memory => remember(m, o, { kind: 'report' });
  table(looked, stopped, [
    ['or somebody has looked', { memory: { stopCutShort: true } }, { stopCutShort: false }],
    [
      'at what was after it',
      { memory: { stopCutShort: true }, observation: { postgresIsCurrent: false } },
      { stopCutShort: true },
    ],
  ]);
});
