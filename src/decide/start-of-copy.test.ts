import { describe } from 'vitest';
import { decided, type Situation, stopped } from '../../test/support/observations.ts';
import { A, anyFiles, branch, fromA, LATER_LOCK, NOW } from '../../test/support/observed-parts.ts';
import { runs, table } from '../../test/support/table.ts';
import { millis } from '../domain/time.ts';
import { conclude } from './conclude.ts';
import { remember } from './remember.ts';

const start = { kind: 'start', desired: anyFiles, timeout: millis(1) } as const;
const decision = conclude('start-fresh-copy', { kind: 'run', task: start });
const end = { kind: 'failed', reason: 'no checkpoint record' } as const;
const failsOnceMore = ({ o, m }: Situation) => remember(m, o, { kind: 'ended', decision, end });

describe('a start of what was copied, or rewound, fails', () => {
  const again = (failures: number) => ({
    backoffs: new Map([['start-fresh-copy', { until: NOW, failures, reason: '', span: millis(1) }]]),
  });
  const looksRewound = {
    directory: { signal: 'standby', hasBackupLabel: true },
    control: { state: 'in archive recovery' },
  } as const;
  table(failsOnceMore, stopped, [
    ['a copy that does not start may start yet', { memory: again(1) }, { divergence: { kind: 'unchecked' } }],
    [
      'a base backup, or what a person restored, may start yet: its port may be taken, its disk full',
      { memory: again(2) },
      { divergence: { kind: 'unchecked' } },
    ],
    [
      'a rewound one that did not three times is beyond rewinding',
      { memory: { ...again(2), rewound: true } },
      { divergence: { kind: 'rewind-failed', leader: A, attempts: 3, why: 'no checkpoint record' } },
    ],
    [
      'also one that an earlier agent rewound',
      { ...looksRewound, memory: again(2) },
      { divergence: { kind: 'rewind-failed', leader: A, attempts: 3 } },
    ],
    [
      'but not one of a standby that this agent has copied, which looks so, too',
      { ...looksRewound, memory: { ...again(2), rewound: false } },
      { divergence: { kind: 'unchecked' } },
    ],
    [
      'nor, whoever has copied it, what is to become the first member of a standby cluster',
      {
        ...looksRewound,
        memory: again(2),
        view: { initialize: { kind: 'in-progress', modRevision: LATER_LOCK } },
        dynamic: { standby_cluster: { host: '10.9.0.1', port: 5433 } },
      },
      { divergence: { kind: 'unchecked' } },
    ],
    [
      'in a standby cluster the other cluster is copied, whoever leads this one',
      {
        memory: { ...again(2), rewound: true },
        view: { lock: null },
        dynamic: { standby_cluster: { host: '10.9.0.1', port: 5433 } },
      },
      { divergence: { kind: 'rewind-failed', leader: 'remote_member:10.9.0.1:5433' } },
    ],
    [
      'without a leader there is nobody to copy from',
      { memory: { ...again(2), rewound: true }, view: { lock: null } },
      { divergence: { kind: 'unchecked' } },
    ],
  ]);
});

describe('a start of what an earlier agent had copied, or rewound, broke off', () => {
  const unfinished = { state: 'in archive recovery', beforeBackupEnd: true } as const;
  const fits = { kind: 'fits', leader: A, leaderTimeline: branch(3) } as const;
  table(decided, stopped, [
    [
      'it follows its leader as soon as it starts: that may have what it lacks to become consistent (seed 31142501)',
      { control: unfinished, memory: { divergence: fits } },
      runs('start-fresh-copy', { kind: 'start', desired: { standby: { upstream: fromA } } }),
    ],
  ]);
});
