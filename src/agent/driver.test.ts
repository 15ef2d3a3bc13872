import { setTimeout } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { replica } from '../../test/support/observations.ts';
import { createMeters } from '../adapters/meters/create-meters.ts';
import { revision } from '../domain/names.ts';
import { latestView } from '../domain/observation.ts';
import type { PostgresReport } from '../domain/postgres-report.ts';
import type { AgentRequest } from '../domain/requests.ts';
import { later, millis, TIMER_MAX } from '../domain/time.ts';
import type { HeartbeatListeners } from '../ports/heartbeat-link.ts';
import type { StoreWatchListener } from '../ports/store.ts';
import { type Agent, type AgentParts, startAgent } from './driver.ts';

const { o } = replica();
/** What is no report at all: the machine breaks on it. */
const nonsense = JSON.parse('{}') as PostgresReport;

let running: Agent | null = null;
afterEach(() => {
  running?.stop();
  running = null;
});

/** An agent on parts that do nothing: its first look at PostgreSQL is nonsense. */
function startBroken(dynamic = o.dynamic, look = () => Promise.resolve(nonsense)) {
  const told: string[] = [];
  const commands: string[] = [];
  const heard: HeartbeatListeners[] = [];
  const watching: StoreWatchListener[] = [];
  let now = o.now;
  const never = new Promise<never>(() => undefined);
  const meters = createMeters();
  const parts = {
    config: o.config,
    dynamic,
    clock: { now: () => now, wallNow: () => o.wallNow, suspended: () => 0 },
    log: { write: (_level: string, event: string) => void told.push(event) },
    store: {
      watch: (listeners: StoreWatchListener) => {
        watching.push(listeners);
        return { reread: () => undefined, close: () => undefined };
      },
      write: () => never,
    },
    postgres: { look, onDisturbance: () => undefined, run: () => never },
    peers: {},
    readView: () => latestView(o),
    startHeartbeat: (listeners: HeartbeatListeners) => {
      heard.push(listeners);
      return {
        command: (_id: number, { kind }: { kind: string }) => void commands.push(kind),
        leaseNow: () => ({ deadline: null, guardianReady: false }),
        close: () => Promise.resolve(),
      };
    },
    trace: null,
    meters,
    exit: () => undefined,
  } as unknown as AgentParts;
  running = startAgent(parts);
  const reportLease = (): void => {
    now = later(now, millis(o.timings.ttl));
    if (o.lease !== null) heard[0]?.report(o.lease);
  };
  const showStore = (): void => watching[0]?.picture({ revision: revision(1n), pairs: [], gapless: true });
  return { agent: running, told, commands, meters, heard, showStore, reportLease };
}

test('CC9: a defect ends its step and is told; it is no sign of life, and the next event is stepped as ever', async () => {
  const { agent, told, commands, reportLease } = startBroken();
  const before = commands.length;
  await expect.poll(() => told).toContain('defect');
  expect(commands.slice(before)).toEqual([]);

  reportLease();
  expect(commands.slice(before)).toContain('stepped');
  expect(agent.snapshot()?.observation.lease).toEqual(o.lease);
});

test('a request that the machine breaks on is answered: whoever sent it does not wait for ever', async () => {
  const { agent } = startBroken();

  await expect(agent.request(JSON.parse('null') as AgentRequest)).resolves.toMatchObject({ status: 500 });
});

test('an agent that ends leaves no request without an answer, nor says of one under way that it failed', async () => {
  const { agent, heard, showStore } = startBroken();
  const request: AgentRequest = { kind: 'patch-config', patch: { ttl: 20 } };
  showStore();
  const underWay = agent.request(request);

  heard[0]?.broken('for the test');
  await expect(underWay).resolves.toMatchObject({ status: 503, text: expect.stringContaining('status unknown') });
  await expect(agent.request(request)).resolves.toEqual({ kind: 'drop' });
});

test('an adapter that throws at once breaks nothing but its own work: the next event is stepped as ever', async () => {
  const { told, commands, reportLease } = startBroken(o.dynamic, () => {
    throw new Error('at once');
  });
  await expect.poll(() => told).toContain('defect');
  const before = commands.length;
  reportLease();
  expect(commands.slice(before)).toContain('stepped');
});

// As for a restart that is to be in a month.
test('what is due later than a timer can wait does not make step after step meanwhile', async () => {
  const month = millis(TIMER_MAX + 1);
  const { meters } = startBroken({ ...o.dynamic, ttl: millis(3 * month), loopWait: month });
  await setTimeout(100);
  expect(meters.readings().steps.count).toBeLessThan(5);
});
