import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { LogConfig } from '../../domain/agent-config.ts';
import type { LogFields, LogLevel } from '../../ports/log.ts';
import { createLog, type ProcessLog } from './create-log.ts';
import { endLog } from './end-log.ts';
import type { Sink } from './line-queue.ts';
import { formatTime } from './time-pattern.ts';

const folder = mkdtempSync(join(tmpdir(), 'matriarch-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

const plain: LogConfig = { level: 'info', format: 'plain' };
const at = new Date(2026, 0, 31, 22, 5, 6, 7);

/** A reader that takes everything; or one that takes nothing before it is told to. */
function reader(isStuck = false) {
  const lines: string[] = [];
  let release: () => void = () => undefined;
  const released = isStuck ? new Promise<void>((resolve) => (release = resolve)) : Promise.resolve();
  const take = (text: string): void => void lines.push(...text.split('\n').slice(0, -1));
  const sink: Sink = { write: (text) => released.then(() => take(text)), writeNow: take };
  return { lines, sink, release: () => release() };
}

async function written(
  settings: LogConfig,
  ...records: readonly (readonly [level: LogLevel, event: string, fields?: LogFields])[]
): Promise<readonly string[]> {
  const { lines, sink } = reader();
  const log = createLog(settings, () => at, sink);
  for (const [level, event, fields = {}] of records) log.write(level, event, fields);
  await log.close(1_000);
  return lines;
}

describe('plain lines', () => {
  test('are what log shippers know from Patroni, with the event as message', async () => {
    expect(await written(plain, ['info', 'decision', { rule: 'lead', why: 'a "b"', none: null }])).toEqual([
      String.raw`2026-01-31 22:05:06,007 INFO: decision rule=lead why="a \"b\""`,
    ]);
  });

  test.for<[template: string, line: string]>([
    ['%(levelname)-8s|%(name)10s|%(rule)s', 'WARNING |  decision|lead'],
    ['%(levelno)05d %(msecs)03d %% %(unknown)s.', '00030 007 % .'],
    ['%(levelname).4s', 'WARN'],
  ])('by a format: %s', async ([template, line]) => {
    expect(await written({ ...plain, template }, ['warn', 'decision', { rule: 'lead' }])).toEqual([line]);
  });

  test.each([
    ['%(message)s', String.raw`peer why="a\nb \u001b[2J" who=n\u001b[2J\u009bJ`],
    ['%(name)s: %(why)s', String.raw`peer: a\u000ab \u001b[2J`],
  ])('each event is one, and says nothing that a terminal obeys: %s', async (template, line) => {
    const fields = { why: 'a\nb \x1b[2J', who: 'n\x1b[2J\x9bJ' };
    expect(await written({ ...plain, template }, ['warn', 'peer', fields])).toEqual([line]);
  });

  test('with a time of any form', async () => {
    const settings: LogConfig = { ...plain, template: '%(asctime)s', dateFormat: '%d/%b/%Y %I:%M %p %j %a %y %e %%' };
    expect(await written(settings, ['info', 'x'])).toEqual(['31/Jan/2026 10:05 PM 031 Sat 26 31 %']);
    expect(formatTime('%F %T %D %R %B %A %Q', at)).toBe('2026-01-31 22:05:06 01/31/26 22:05 January Saturday %Q');
    expect(formatTime('%z', at)).toMatch(/^[+-]\d{4}$/);
  });
});

describe('JSON lines', () => {
  test('have everything that an event has', async () => {
    const [line = ''] = await written({ ...plain, format: 'json' }, ['info', 'decision', { rule: 'lead' }]);
    expect(JSON.parse(line)).toEqual({ at: at.toISOString(), level: 'info', event: 'decision', rule: 'lead' });
  });

  test('or the fields that are asked for, under their names, and what is always the same', async () => {
    const settings: LogConfig = {
      ...plain,
      format: 'json',
      fields: [
        { field: 'asctime', name: '@timestamp' },
        { field: 'message', name: 'message' },
        { field: 'rule', name: 'rule' },
        { field: 'absent', name: 'absent' },
      ],
      staticFields: { app: 'shop' },
    };
    const [line = ''] = await written(settings, ['info', 'decision', { rule: 'lead' }]);
    expect(JSON.parse(line)).toEqual({
      '@timestamp': '2026-01-31 22:05:06,007',
      message: 'decision rule=lead',
      rule: 'lead',
      absent: null,
      app: 'shop',
    });
  });
});

describe('how much', () => {
  test('by level, and by event', async () => {
    const settings: LogConfig = { ...plain, level: 'warn', levels: { decision: 'debug', api: 'error' } };
    const lines = await written(settings, ['info', 'view'], ['debug', 'decision'], ['warn', 'api'], ['error', 'view']);
    expect(lines.map((line) => line.replace(/^.*: /, ''))).toEqual(['decision', 'view']);
  });

  test('a new level counts from the next line on', async () => {
    const { lines, sink } = reader();
    const log = createLog(plain, () => at, sink);
    log.write('debug', 'before', {});
    log.configure({ ...plain, level: 'debug' });
    log.write('debug', 'after', {});
    await log.close(1_000);
    expect(lines).toHaveLength(1);
  });

  test('where a defect happened is left out unless everything is told', async () => {
    const defect: LogFields = { defect: 'Error: x\n    at f (file.ts:1)' };
    expect((await written({ ...plain, tracebacks: 'debug' }, ['error', 'defect', defect])).join()).not.toContain(
      'file.ts',
    );
    expect((await written(plain, ['error', 'defect', defect])).join()).toContain('file.ts');
  });
});

describe('a reader that takes nothing', () => {
  const fill = (log: ProcessLog, count: number): void => {
    for (let at = 0; at < count; at += 1) log.write('info', `line-${at}`, {});
  };

  test('keeps nobody waiting; what does not fit is counted, and the count is told when there is room', async () => {
    const { lines, sink, release } = reader(true);
    const log = createLog({ ...plain, queueMax: 3 }, () => at, sink);
    fill(log, 10);
    expect(lines).toEqual([]);
    release();
    expect(await log.close(10_000)).toBe('written');
    expect(lines).toHaveLength(4);
    expect(lines.at(-1)).toContain('log-lost lost=7');
  });

  test('CONF-59: at the end of the process makes the exit status 5, but only when lines were dropped', async () => {
    const stuck = createLog({ ...plain, queueMax: 3 }, () => at, reader(true).sink);
    fill(stuck, 10);
    expect(await endLog({ close: () => stuck.close(1) }, 0)).toBe(5);

    const slow = createLog({ ...plain, queueMax: 30 }, () => at, reader(true).sink);
    fill(slow, 10);
    expect(await endLog({ close: () => slow.close(1) }, 0)).toBe(0);

    const fine = createLog(plain, () => at, reader().sink);
    fill(fine, 10);
    expect(await endLog(fine, 70)).toBe(70);
  });

  test('is not waited for once more when the process ends', async () => {
    const { lines, sink } = reader(true);
    const log = createLog(plain, () => at, sink);
    fill(log, 2);
    log.writeRest();
    expect(lines).toHaveLength(2);
    fill(log, 2);
    await log.close(1);
    log.writeRest();
    expect(lines).toHaveLength(2);
  });
});

test('a file is exchanged before it grows too large, and so many are kept', async () => {
  const file = { folder, mode: 0o640, kept: 2, bytesMax: 60 };
  const log = createLog({ ...plain, template: '%(message)s', file }, () => at, reader().sink);
  for (const event of ['first', 'second', 'third', 'fourth']) {
    log.write('info', event.padEnd(50, '.'), {});
    await log.close(10_000);
  }
  const content = (name: string): string => readFileSync(join(folder, name), 'utf8').replace(/\.+\n$/, '');
  expect(['patroni.log', 'patroni.log.1', 'patroni.log.2'].map(content)).toEqual(['fourth', 'third', 'second']);
  expect(statSync(join(folder, 'patroni.log.3'), { throwIfNoEntry: false })).toBeUndefined();
  expect(statSync(join(folder, 'patroni.log')).mode & 0o777).toBe(0o640);
});

test('a folder that takes nothing is told once, and keeps nobody', async () => {
  const { lines, sink } = reader();
  const file = { folder: join(folder, 'nowhere'), mode: null, kept: 2, bytesMax: 60 };
  const log = createLog({ ...plain, file }, () => at, sink);
  log.write('info', 'x', {});
  await log.close(10_000);
  log.write('info', 'y', {});
  expect(await log.close(10_000)).toBe('written');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('log.dir');
});

test('a folder that may not even be looked at is told like one that takes nothing, also at a reload', async () => {
  const { lines, sink } = reader();
  const loop = join(folder, 'loop');
  symlinkSync(loop, loop);
  const log = createLog(plain, () => at, sink);
  log.configure({ ...plain, file: { folder: loop, mode: null, kept: 2, bytesMax: 60 } });
  log.write('info', 'x', {});
  expect(await log.close(10_000)).toBe('written');
  expect(lines).toEqual([expect.stringContaining('log.dir')]);
});
