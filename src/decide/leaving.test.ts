import { describe } from 'vitest';
import { crashed, decided, leader, replica, stopped } from '../../test/support/observations.ts';
import { behind, doubtful, fromA, held, LOCK, NOW } from '../../test/support/observed-parts.ts';
import { concludes, runs, table, waits } from '../../test/support/table.ts';
import { earlier, later, millis, seconds } from '../domain/time.ts';

const asked = { leaving: NOW } as const;
const exit = concludes('leaving-exit', { kind: 'exit', code: 0 });

describe('the agent was asked to leave', () => {
  table(decided, leader, [
    [
      'PostgreSQL is stopped in good order first',
      { memory: asked },
      runs('leaving-stop', { kind: 'stop', mode: 'fast', checkpointFirst: true }),
    ],
    [
      'while its lease is renewed it may take its time',
      { memory: asked },
      runs('leaving-stop', { kind: 'stop', timeout: null }),
    ],
    [
      'but no longer than was configured',
      { memory: asked, dynamic: { primary_stop_timeout: 7 } },
      runs('leaving-stop', { kind: 'stop', timeout: millis(7_000) }),
    ],
    [
      'a lease that runs out comes first',
      { memory: asked, lock: held({ deadline: later(NOW, millis(1_300)) }) },
      runs('lease-running-out', { kind: 'stop' }),
    ],
    [
      'a switchover is not waited for',
      { memory: { ...asked, handOver: null } },
      runs('leaving-stop', { kind: 'stop' }),
    ],
    [
      'also a server that is only starting is stopped',
      { memory: asked, server: { kind: 'rejecting' } },
      runs('leaving-stop', { kind: 'stop', checkpointFirst: false }),
    ],
    ['without a store, too', { memory: asked, store: 'silent' }, runs('leaving-stop', { kind: 'stop' })],
  ]);
  table(decided, crashed, [
    [
      'C-28: then the lock follows, with its last position, so that others need not wait',
      { memory: asked, control: { state: 'shut down', checkpointLsn: behind(120n) } },
      concludes('leaving-release', { kind: 'release-lock', createRevision: LOCK, lastLsn: behind(120n) }),
    ],
    [
      'also when the disk that told it does not answer any more',
      {
        directory: { kind: 'inaccessible', reason: 'input/output error' },
        memory: { ...asked, shutDownAt: behind(120n) },
      },
      concludes('leaving-release', { kind: 'release-lock', lastLsn: behind(120n) }),
    ],
    [
      'a stop that was not clean names no position',
      { memory: asked },
      concludes('leaving-release', { kind: 'release-lock', lastLsn: null }),
    ],
  ]);
  table(decided, stopped, [
    ['then the last member value', { memory: asked }, waits('leaving-publish')],
    [
      'which has a moment, counted from when nothing else was left',
      { memory: { leaving: earlier(NOW, seconds(60)), unavailableSince: NOW } },
      waits('leaving-publish'),
    ],
    [
      'and no longer',
      { memory: { leaving: earlier(NOW, seconds(60)), unavailableSince: earlier(NOW, millis(1_500)) } },
      exit,
    ],
    ['it is in the store: the agent ends', { memory: asked, members: { b: { state: 'stopped' } } }, exit],
    [
      'it is in an old picture only',
      { memory: asked, members: { b: { state: 'stopped' } }, store: 'unsettled' },
      waits('leaving-publish'),
    ],
    ['without a store nobody waits for it', { memory: asked, store: 'silent' }, exit],
    [
      'a lock in doubt runs out by itself',
      { memory: asked, lock: doubtful(), members: { b: { state: 'stopped' } } },
      exit,
    ],
  ]);
  table(decided, replica, [
    ['a replica is stopped like any other', { memory: asked }, runs('leaving-stop', { kind: 'stop', mode: 'fast' })],
    ['a replica in a pause is left running', { memory: asked, dynamic: { pause: true } }, exit],
    [
      'a task that is pointless now is cancelled',
      { memory: asked, task: { kind: 'rewind', from: fromA, options: [], patience: seconds(10) } },
      concludes('task-pointless', { kind: 'cancel-task' }),
    ],
  ]);
});
