import { describe } from 'vitest';
import { decided, formerPrimary, replica, type Situation, stopped } from '../../test/support/observations.ts';
import { A, branch, fromA, history, idleStandby, NOW, position } from '../../test/support/observed-parts.ts';
import { concludes, runs, table, waits } from '../../test/support/table.ts';
import type { Divergence, Memory } from '../domain/memory.ts';
import { earlier, later, millis, seconds } from '../domain/time.ts';
import { conclude } from './conclude.ts';
import { remember } from './remember.ts';

const diverged: Divergence = { kind: 'diverged', leader: A, leaderTimeline: branch(4), why: 'more than the leader' };
const failedTwice = {
  kind: 'rewind-failed',
  leader: A,
  leaderTimeline: branch(4),
  attempts: 2,
  why: 'No space left on device',
} as const;
const due: Divergence = { ...failedTwice, again: NOW };
const notYet: Divergence = { ...failedTwice, again: later(NOW, seconds(60)) };
const compared: Divergence = { ...failedTwice, attempts: 0, why: 'other WAL there than here' };
const rewind = conclude('rewind', {
  kind: 'run',
  task: { kind: 'rewind', from: fromA, options: [], patience: seconds(10) },
});

function failedBefore(until: typeof NOW): Partial<Memory> {
  return {
    divergence: diverged,
    backoffs: new Map([['rewind', { until, failures: 1, reason: '', span: millis(250) }]]),
  };
}

function triedAndFailed({ o, m }: Situation): Memory {
  const begun = remember(m, o, { kind: 'started', decision: rewind });
  return remember(begun, o, { kind: 'ended', decision: rewind, end: { kind: 'failed', reason: 'it broke' } });
}

describe('pg_rewind has failed, and no copy is allowed', () => {
  table(triedAndFailed, formerPrimary, [
    [
      'what failed in January does not make a failure in March the last',
      { memory: failedBefore(earlier(NOW, seconds(600))) },
      { divergence: { kind: 'unchecked' } },
    ],
    [
      'the second in a row is tried again in a minute',
      { memory: failedBefore(earlier(NOW, seconds(599))) },
      { divergence: { kind: 'rewind-failed', again: later(NOW, seconds(60)) } },
    ],
  ]);
  table(decided, stopped, [
    [
      'it waits for a person, and looks again',
      { memory: { divergence: notYet } },
      concludes('diverged-needs-operator', { kind: 'wait', until: later(NOW, seconds(60)) }),
    ],
    [
      'then the leader is asked once more',
      { memory: { divergence: due } },
      concludes('ask-leader-history', { kind: 'ask-history', upstream: fromA }),
    ],
    [
      'also by what is half rewound: another rewind is what mends it',
      { directory: { isHalfRewound: true }, memory: { divergence: due } },
      concludes('ask-leader-history', { kind: 'ask-history', upstream: fromA }),
    ],
    [
      'where a copy is allowed it is made',
      {
        effective: { removeDataOnRewindFailure: true },
        memory: { divergence: due },
        observation: { leaderHistory: history() },
      },
      runs('new-copy', { kind: 'clone', from: fromA }),
    ],
    [
      'what the comparison has found to be beyond rewinding stays that',
      { memory: { divergence: compared } },
      concludes('diverged-needs-operator', { kind: 'wait', until: null }),
    ],
  ]);
  const running = { server: idleStandby({ upstream: null }) };
  table(decided, replica, [
    [
      'it serves reads meanwhile, if it runs',
      { ...running, memory: { divergence: notYet } },
      waits('diverged-needs-operator'),
    ],
    [
      'and is stopped for the next try',
      { ...running, memory: { divergence: due } },
      runs('stop-to-rewind', { kind: 'stop' }),
    ],
  ]);
  const answer = ({ o, m }: Situation) => remember(m, o, { kind: 'history' });
  const parted = { observation: { leaderHistory: history({}, position('0/4000000')) } };
  table(answer, formerPrimary, [
    [
      'an answer that it has diverged allows the next try',
      { ...parted, memory: { divergence: due } },
      { divergence: { kind: 'diverged' } },
    ],
    ['but no earlier one', { ...parted, memory: { divergence: notYet } }, { divergence: notYet }],
    ['nor where a comparison spoke', { ...parted, memory: { divergence: compared } }, { divergence: compared }],
  ]);
});
