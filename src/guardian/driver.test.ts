import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Instant, instant, later, millis, wallTime } from '../domain/time.ts';
import type { PostgresProcesses } from '../ports/guardian.ts';
import { driveGuardian } from './driver.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const nothing: PostgresProcesses = { postmaster: null, others: [] };

test('a defect in one step costs that step alone: PostgreSQL is fenced by its deadline all the same', async () => {
  const now = (): Instant => instant(performance.now());
  const deadline = later(now(), millis(10_000));
  const done: string[] = [];
  const happen = driveGuardian({
    pid: 7,
    clock: { now, wallNow: () => wallTime(Date.now()), suspended: () => 0 },
    scan: () => (done.includes('hard-fence') ? nothing : { postmaster: 10, others: [] }),
    fastStop: () => done.push('fast-stop'),
    hardFence: () => {
      done.push('hard-fence');
      return nothing;
    },
    watchdog: { act: () => null },
    send: () => undefined,
    log: ({ event }) => done.push(event),
    trace: {
      began: () => undefined,
      stepped: ({ event }) => {
        if (event.kind === 'message' && event.message.kind === 'ping') throw new Error('a defect');
      },
    },
    end: () => undefined,
  });
  happen({ kind: 'connected' });
  happen({ kind: 'message', message: { kind: 'arm', number: 1, deadline } });
  expect(() => happen({ kind: 'message', message: { kind: 'ping', number: 2 } })).not.toThrow();

  await vi.advanceTimersByTimeAsync(10_000);

  expect(done).toEqual(expect.arrayContaining(['defect', 'fast-stop', 'hard-fence']));
});
