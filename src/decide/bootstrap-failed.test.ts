import { describe } from 'vitest';
import { type Difference, decided, stopped } from '../../test/support/observations.ts';
import { lockOf, NOW, RUNNING, standbyAnswer } from '../../test/support/observed-parts.ts';
import { concludes, runs, table } from '../../test/support/table.ts';
import { revision } from '../domain/names.ts';
import { seconds } from '../domain/time.ts';

/** `b`, with an empty directory. */
const empty = (difference: Difference) => stopped({ directory: { kind: 'empty' }, ...difference });
const CLAIM = revision(80n);
const nothingYet = { lock: null, initialize: { kind: 'absent' } } as const;
const mine = { lock: null, initialize: { kind: 'in-progress', modRevision: CLAIM } } as const;
const failed = { bootstrap: { kind: 'failed', keyRevision: CLAIM, reason: 'initdb: no space left' } } as const;
const notMoved = { until: NOW, failures: 1, reason: 'EBUSY', span: seconds(1) };
const unfinished = { kind: 'empty', unfinished: true } as const;

describe('creating the cluster failed, and is undone in this order', () => {
  const running = {
    process: RUNNING,
    server: { kind: 'rejecting' },
  } as const;
  table(decided, stopped, [
    [
      'what runs is stopped',
      { view: mine, memory: failed, ...running },
      runs('bootstrap-failed', { kind: 'stop', mode: 'immediate' }),
    ],
    [
      'also while the store is away, and although what was restored is a standby still: its guardian does not rest before',
      { view: mine, memory: failed, process: RUNNING, server: standbyAnswer(), store: 'silent' },
      runs('bootstrap-failed', { kind: 'stop', mode: 'immediate' }),
    ],
    [
      'CC46: the directory is set aside, never removed',
      { view: mine, memory: failed },
      runs('bootstrap-failed', { kind: 'set-aside-data' }),
    ],
    [
      'PG-45: also where it never became a cluster',
      { view: mine, memory: failed, directory: unfinished },
      runs('bootstrap-failed', { kind: 'set-aside-data' }),
    ],
    [
      'seed 9106173: what was copied from another cluster stays',
      {
        view: mine,
        memory: failed,
        directory: unfinished,
        dynamic: { standby_cluster: { host: '10.9.0.1', port: 5433 } },
      },
      concludes('bootstrap-failed', { kind: 'write', write: { action: { kind: 'delete' } } }),
    ],
    [
      'what cannot be moved stays, and the claim is removed all the same',
      {
        view: mine,
        memory: { ...failed, backoffs: new Map([['bootstrap-failed', notMoved]]) },
        directory: unfinished,
      },
      concludes('bootstrap-failed', { kind: 'write', write: { action: { kind: 'delete' } } }),
    ],
    [
      'so it is where it counts as no cluster instead',
      {
        view: mine,
        memory: failed,
        directory: { kind: 'inaccessible', reason: 'it is not empty and has no PG_VERSION', holdsNoCluster: true },
      },
      concludes('bootstrap-failed', { kind: 'write', write: { action: { kind: 'delete' } } }),
    ],
  ]);
  table(decided, empty, [
    [
      'C-54: the claim is removed, if it still is mine',
      { view: mine, memory: failed },
      concludes('bootstrap-failed', {
        kind: 'write',
        write: { action: { kind: 'delete' }, when: [{ revision: CLAIM }] },
      }),
    ],
    [
      'the lock is given up',
      { view: { ...nothingYet, lock: lockOf('b') }, memory: failed },
      concludes('bootstrap-failed', { kind: 'release-lock' }),
    ],
    ['the agent ends', { view: nothingYet, memory: failed }, concludes('bootstrap-failed', { kind: 'exit', code: 1 })],
  ]);
});
