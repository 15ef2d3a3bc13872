import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HistoryEvent } from '../../domain/history-event.ts';
import { openEventFile } from './open-event-file.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'matriarch-events-'));
});
afterEach(() => rm(folder, { recursive: true }));

const path = (): string => join(folder, 'data.events.jsonl');
const troubles: string[] = [];
const opened = (limits?: { fileBytes: number; events: number }) =>
  openEventFile({
    path: path(),
    onTrouble: (reason) => void troubles.push(reason),
    ...(limits === undefined ? {} : { limits }),
  });

function event(name: string, facts: HistoryEvent['facts'] = {}): HistoryEvent {
  return { at: '2031-05-04T09:00:00.000Z', member: 'n1', event: name, rule: 'promote', level: 'info', facts };
}

const names = (events: readonly HistoryEvent[]): readonly string[] => events.map((each) => each.event);
const lines = async (): Promise<number> => (await readFile(path(), 'utf8').catch(() => '')).split('\n').length - 1;

test('what is recorded is told at once, newest last, and survives a restart', async () => {
  const history = await opened();
  for (const name of ['a', 'b', 'c']) history.record(event(name, { lsn: 18_446_744_073_709_551_601n }));

  expect(names(history.newest(null))).toEqual(['a', 'b', 'c']);
  expect(names(history.newest(2))).toEqual(['b', 'c']);
  expect(history.newest(0)).toEqual([]);
  await expect.poll(lines).toBe(3);
  expect((await opened()).newest(null)).toEqual(history.newest(null));
});

test('half a line is no event, and nothing that follows is lost', async () => {
  await writeFile(path(), '{"at": "2031"}\nnonsense\n{"at": "2031-05-04T09:00:00.000Z", "mem');
  const history = await opened();
  history.record(event('after'));

  expect(names(history.newest(null))).toEqual(['after']);
  await expect.poll(lines).toBe(4);
  expect(names((await opened()).newest(null))).toEqual(['after']);
});

test('it takes a bounded place on the disk, and in memory', async () => {
  const limits = { fileBytes: 1_000, events: 10 };
  const history = await opened(limits);
  for (let count = 0; count < 50; count++) {
    history.record(event(`e${String(count)}`));
    await expect.poll(async () => (await readFile(path(), 'utf8')).includes(`"e${String(count)}"`)).toBe(true);
  }

  expect(names(history.newest(null))).toEqual(Array.from({ length: 10 }, (_, at) => `e${String(40 + at)}`));
  expect(await readdir(folder)).toEqual(['data.events.jsonl', 'data.events.jsonl.1']);
  expect((await stat(path())).size).toBeLessThan(1_200);
  expect((await stat(`${path()}.1`)).size).toBeLessThan(1_200);
  expect(names((await opened(limits)).newest(1))).toEqual(['e49']);
});

test('facts that are too long are left out, on the disk and in memory; the event is not', async () => {
  const history = await opened();
  history.record(event('long', { text: 'x'.repeat(100_000) }));

  expect(names(history.newest(null))).toEqual(['long']);
  expect(JSON.stringify(history.newest(null)).length).toBeLessThan(1_000);
  await expect.poll(lines).toBe(1);
  expect((await stat(path())).size).toBeLessThan(1_000);
  expect((await opened()).newest(null)).toEqual(history.newest(null));
});

test('where nothing can be written it is kept in memory, and that is said once', async () => {
  troubles.length = 0;
  const history = await openEventFile({
    path: join(folder, 'nowhere', 'events.jsonl'),
    onTrouble: (reason) => void troubles.push(reason),
  });
  for (const name of ['a', 'b']) history.record(event(name));
  await expect.poll(() => troubles.length).toBe(1);
  history.record(event('c'));

  expect(names(history.newest(null))).toEqual(['a', 'b', 'c']);
  expect(troubles).toEqual([expect.stringMatching(/ENOENT/)]);
});

test('what somebody else put into the file is passed over', async () => {
  await appendFile(path(), `${JSON.stringify(event('good'))}\n[]\n{"event": 1}\n${'{'.repeat(20_000)}\n`);

  expect(names((await opened()).newest(null))).toEqual(['good']);
});
