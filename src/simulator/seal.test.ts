import { expect, test } from 'vitest';
import { productionMachines } from './node/production-machines.ts';
import { runSeed } from './run-seed.ts';
import { sealed } from './seal.ts';

/** Each as code under the simulator might use it. */
const forbidden: readonly (readonly [string, () => unknown])[] = [
  ['Date.now', () => Date.now()],
  ['new Date()', () => new Date()],
  ['Date()', () => Date()],
  ['Math.random', () => Math.random()],
  ['performance.now', () => performance.now()],
  ['performance.timeOrigin', () => `${performance.timeOrigin}`],
  ['crypto.randomUUID', () => crypto.randomUUID()],
  ['crypto.getRandomValues', () => crypto.getRandomValues(new Uint8Array(1))],
  ['setTimeout', () => setTimeout(() => undefined, 0)],
  ['setInterval', () => setInterval(() => undefined, 0)],
  ['setImmediate', () => setImmediate(() => undefined)],
  ['queueMicrotask', () => queueMicrotask(() => undefined)],
  ['fetch', () => fetch('http://localhost')],
  ['WebSocket', () => new WebSocket('ws://localhost')],
  ['process.hrtime', () => process.hrtime.bigint()],
  ['process.uptime', () => process.uptime()],
  ['process.nextTick', () => process.nextTick(() => undefined)],
  ['process.getBuiltinModule', () => process.getBuiltinModule('node:net')],
  ['process.env', () => process.env['HOME']],
];

test.each(forbidden)('%s is out of reach, and says so', (name, use) => {
  expect(() => sealed(use)).toThrow(name);
});

test('a date that is given its instant is arithmetic', () => {
  expect(sealed(() => new Date(0).toISOString())).toBe('1970-01-01T00:00:00.000Z');
  expect(sealed(() => Date.parse('1970-01-01T00:00:01Z'))).toBe(1000);
  expect(sealed(() => new Date(0) instanceof Date)).toBe(true);
});

test('afterwards everything is as it was, also after a failure', () => {
  const before = [Date, setTimeout, fetch, Object.getOwnPropertyDescriptor(Math, 'random')];

  expect(() =>
    sealed(() => {
      throw new Error('in between');
    }),
  ).toThrow('in between');

  expect([Date, setTimeout, fetch, Object.getOwnPropertyDescriptor(Math, 'random')]).toEqual(before);
  expect(Object.hasOwn(performance, 'now')).toBe(false);
  expect(performance.now()).toBeGreaterThan(0);
});

test('a machine that looks at the real clock is a violation that names it', () => {
  const machines = {
    ...productionMachines,
    agent: (start: Parameters<typeof productionMachines.agent>[0]) => {
      const machine = productionMachines.agent(start);
      const step: typeof machine.step = (event) => (Date.now() > 0 ? machine.step(event) : []);
      return { ...machine, step };
    },
  };

  const result = runSeed(1, { machines });

  expect(result).toMatchObject({
    kind: 'violation',
    violation: { checker: 'no-defect', message: expect.stringContaining('Date.now') },
  });
});
