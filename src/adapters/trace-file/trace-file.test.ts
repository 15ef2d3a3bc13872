import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTraceFile } from './trace-file.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'matriarch-trace-'));
  path = join(folder, 'trace');
});
afterEach(() => rmSync(folder, { recursive: true }));

const none = (reason: string): void => expect.unreachable(reason);

test('a life is its start and its steps, and follows what is there', async () => {
  writeFileSync(path, 'cut off in the mid');
  const trace = createTraceFile({ path, machine: 'guardian', onTrouble: none });
  trace.began({ pid: 7 });
  trace.stepped({ event: 'x' }, { now: 1n });
  await untilWritten(3);
  expect(lines().slice(1)).toEqual([
    { trace: 2, machine: 'guardian', start: { pid: 7 } },
    { step: 1, event: 'x' },
  ]);
});

test('what the disk is too slow for is dropped and counted, and the trace goes on from the state of then', async () => {
  const trace = createTraceFile({
    path,
    machine: 'agent',
    onTrouble: none,
    limits: { fileBytes: 1e6, waitingBytes: 200 },
  });
  trace.began({});
  // Nothing reaches the disk before this function has ended, so that these wait.
  for (let count = 1; count <= 20; count += 1) trace.stepped({ event: 'x'.repeat(60) }, { count });
  const before = 1 + 2;
  await untilWritten(before);
  trace.stepped({ event: 'y' }, { count: 21 });
  trace.stepped({ event: 'z' }, { count: 22 });
  await untilWritten(before + 2);
  expect(lines().slice(before)).toEqual([
    { trace: 2, machine: 'agent', resumed: { count: 21 }, dropped: 19 },
    { step: 22, event: 'z' },
  ]);
});

test('a full file is put aside, and the next begins with the state', async () => {
  const trace = createTraceFile({
    path,
    machine: 'agent',
    onTrouble: none,
    limits: { fileBytes: 100, waitingBytes: 1e6 },
  });
  trace.began({});
  trace.stepped({ event: 'x'.repeat(60) }, { count: 1 });
  trace.stepped({ event: 'y' }, { count: 2 });
  await untilWritten(2);
  expect(lines(`${path}.1`)).toHaveLength(2);
  expect(lines()).toEqual([
    { trace: 2, machine: 'agent', resumed: { count: 1 }, dropped: 0 },
    { step: 2, event: 'y' },
  ]);
});

test('a file that cannot be written is told, and harms nobody', () => {
  const told: string[] = [];
  const trace = createTraceFile({
    path: join(folder, 'absent/trace'),
    machine: 'agent',
    onTrouble: (reason) => told.push(reason),
  });
  trace.began({});
  trace.stepped({ event: 'x' }, {});
  expect(told).toHaveLength(1);
});

async function untilWritten(count: number): Promise<void> {
  await vi.waitUntil(() => readFileSync(path, 'utf8').split('\n').length > count);
}

/** What is no JSON stays text. */
function lines(of = path): readonly unknown[] {
  return readFileSync(of, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): unknown => (line.startsWith('{') ? JSON.parse(line) : line));
}
