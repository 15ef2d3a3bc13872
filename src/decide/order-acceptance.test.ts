import { describe, expect, test } from 'vitest';
import { type Difference, decided, leader, replica } from '../../test/support/observations.ts';
import { fromA, NOW, primaryAnswer, RUNNING, WALL_NOW } from '../../test/support/observed-parts.ts';
import { table } from '../../test/support/table.ts';
import type { Memory } from '../domain/memory.ts';
import { revision, systemId } from '../domain/names.ts';
import type { Order, RestartFilters, ScheduledRestart } from '../domain/orders.ts';
import type { PostgresTask } from '../domain/task.ts';
import { earlier, later, seconds, wallTime } from '../domain/time.ts';
import { type OrderRequest, orderAcceptance, restartResult } from './order-acceptance.ts';
import { remember } from './remember.ts';

const anyServer: RestartFilters = { role: null, olderThan: null, restartPending: null };
const now: OrderRequest = { kind: 'restart', filters: anyServer, timeout: null, schedule: null };
const restart = (filters: Partial<RestartFilters>): OrderRequest => ({ ...now, filters: { ...anyServer, ...filters } });
const later30 = { ...now, schedule: { at: wallTime(WALL_NOW + 30_000), text: '2026-09-01T12:00:30+00:00' } };
const clone: PostgresTask = {
  kind: 'clone',
  from: fromA,
  methods: [{ kind: 'basebackup', options: [] }],
  patience: seconds(10),
};
const ordered: Order = { kind: 'restart', request: 7, timeout: null, until: later(NOW, seconds(10)), begun: false };
const copy: Extract<Order, { kind: 'reinitialize' }> = {
  kind: 'reinitialize',
  fromLeader: false,
  cancels: null,
  stage: 'wanted',
};
if (RUNNING.kind !== 'running') throw new Error('the fixture runs');
const { pid, startedAt } = RUNNING;

function scheduled(change: Partial<ScheduledRestart> = {}): ScheduledRestart {
  const text = '2026-09-01T12:00:00+00:00';
  return { filters: anyServer, timeout: null, at: WALL_NOW, text, postmaster: { pid, startedAt }, ...change };
}
const text = (status: number, words: string) => ({ kind: 'answer', answer: { kind: 'text', status, text: words } });
type Asked = { readonly ask: OrderRequest; readonly given?: Difference };
const asked =
  (member: typeof leader) =>
  ({ ask, given }: Asked) => {
    const { o, m } = member(given);
    return orderAcceptance(o, m, ask, 7);
  };

describe('an order to this member is received (rest-api.md 13, 14)', () => {
  table(asked(leader), (each: Asked) => each, [
    [
      'CC125: a restart that is meant for a replica',
      { ask: restart({ role: 'replica' }) },
      text(503, 'restart conditions are not satisfied'),
    ],
    [
      'a restart that is meant for a primary is ordered',
      { ask: restart({ role: 'primary' }) },
      { kind: 'remember', answer: null },
    ],
    [
      'REST-74: one that is meant for whatever waits for a restart',
      { ask: restart({ restartPending: { posted: false } }) },
      text(503, 'restart conditions are not satisfied'),
    ],
    [
      'which is done where a parameter waits',
      {
        ask: restart({ restartPending: { posted: false } }),
        given: {
          server: primaryAnswer({ pendingRestart: [{ name: 'max_connections', oldValue: '1', newValue: '2' }] }),
        },
      },
      { kind: 'remember' },
    ],
    [
      'one that is meant for an older server',
      { ask: restart({ olderThan: { text: '13.0', number: 130_000 } }) },
      text(503, 'restart conditions are not satisfied'),
    ],
    [
      'X2: another task runs',
      { ask: now, given: { task: clone } },
      text(503, "bootstrap from leader 'a' already in progress"),
    ],
    [
      'an order that is under way',
      { ask: now, given: { memory: { order: ordered } } },
      text(503, 'restart already in progress'),
    ],
    ['a restart is allowed in a pause', { ask: now, given: { dynamic: { pause: true } } }, { kind: 'remember' }],
    [
      'REST-77: a scheduled one is not',
      { ask: later30, given: { dynamic: { pause: true } } },
      text(500, "Can't schedule restart in the paused state"),
    ],
    [
      'REST-76: there is one schedule at a time',
      { ask: later30, given: { memory: { scheduledRestart: scheduled() } } },
      text(409, 'Another restart is already scheduled'),
    ],
    [
      'REST-76: it can be taken back',
      { ask: { kind: 'cancel-restart' }, given: { memory: { scheduledRestart: scheduled() }, store: 'silent' } },
      { kind: 'remember', happening: { kind: 'restart-scheduled', restart: null }, answer: { status: 200 } },
    ],
    ['REST-76: once', { ask: { kind: 'cancel-restart' } }, text(404, 'no restarts are scheduled')],
    [
      'without the store nobody is told anything',
      { ask: now, given: { store: 'silent' } },
      { answer: { kind: 'drop' } },
    ],
    [
      'CC127, REST-78: a leader copies nobody',
      { ask: { kind: 'reinitialize', force: true, fromLeader: false } },
      text(503, 'I am the leader, can not reinitialize'),
    ],
  ]);
  table(asked(replica), (each: Asked) => each, [
    [
      'REST-73: a restart that is meant for the primary',
      { ask: restart({ role: 'primary' }) },
      text(503, 'restart conditions are not satisfied'),
    ],
    [
      'CC127: with nobody leading there is nobody to copy',
      { ask: { kind: 'reinitialize', force: true, fromLeader: false }, given: { view: { lock: null } } },
      text(503, 'Cluster has no leader, can not reinitialize'),
    ],
    [
      'what is of another cluster is for a person to move away, force or not',
      {
        ask: { kind: 'reinitialize', force: true, fromLeader: false },
        given: { control: { systemId: systemId('9900000000000000009') }, dynamic: { pause: true } },
      },
      text(503, 'The data is of a different cluster, can not reinitialize'),
    ],
    [
      'what the creation of a cluster has left is set aside before, force or not (seed 20319012)',
      {
        ask: { kind: 'reinitialize', force: true, fromLeader: false },
        given: {
          directory: { kind: 'empty', unfinished: true },
          memory: { bootstrap: { kind: 'failed', keyRevision: revision(9n), reason: 'cancelled' } },
        },
      },
      text(503, 'The creation of a cluster is not over, can not reinitialize'),
    ],
    [
      'CC127: during a task',
      { ask: { kind: 'reinitialize', force: false, fromLeader: false }, given: { task: clone } },
      text(503, "bootstrap from leader 'a' already in progress"),
    ],
    [
      'REST-79: during another new copy',
      { ask: { kind: 'reinitialize', force: false, fromLeader: false }, given: { memory: { order: copy } } },
      text(503, 'reinitialize already in progress'),
    ],
    [
      'CC127, REST-79: by force the task ends first',
      { ask: { kind: 'reinitialize', force: true, fromLeader: false }, given: { task: clone } },
      {
        kind: 'remember',
        happening: { kind: 'ordered', order: { kind: 'reinitialize', fromLeader: false, cancels: 7 } },
        answer: { status: 200, text: 'reinitialize started' },
      },
    ],
  ]);
});

describe('whoever asked for a restart is told its end', () => {
  const { o, m } = leader({ memory: { order: ordered } });
  const decision = decided({ o, m });
  const began = remember(m, o, { kind: 'started', decision });
  const ended = (end: Parameters<typeof told>[0]) => told(end);
  const told = (end: Extract<Parameters<typeof remember>[2], { kind: 'ended' }>['end']) =>
    remember(began, o, { kind: 'ended', decision, end });
  const words = (memory: Memory, isLate = false) => {
    const result = restartResult(memory, 7, isLate);
    return result?.kind === 'text' ? [result.status, result.text] : null;
  };

  test('however it ended', () => {
    expect(words(began, true)).toBeNull();
    expect(words(ended({ kind: 'done', systemId: null, revision: null }))).toEqual([200, 'restarted successfully']);
    expect(words(ended({ kind: 'failed', reason: 'slow', late: true }))).toEqual([503, 'postgres is still starting']);
    expect(words(ended({ kind: 'failed', reason: 'broken' }))).toEqual([503, 'restart failed']);
  });

  test('also when it could not begin in time', () => {
    expect(words(m)).toBeNull();
    expect(words(m, true)).toEqual([503, 'restart failed']);
  });

  test('a primary that did not come back has crashed, and one that goes on starting has used up its time', () => {
    expect(ended({ kind: 'failed', reason: 'broken' }).crash).toEqual({ since: NOW, attempts: 1 });
    const { primaryStartTimeout } = o.dynamic;
    const since = earlier(NOW, primaryStartTimeout);
    expect(ended({ kind: 'failed', reason: 'slow', late: true }).crash).toEqual({ since, attempts: 1 });
    expect(ended({ kind: 'failed', reason: 'cancelled', cancelled: true }).crash).toBeNull();
  });
});
