import { expect, test } from 'vitest';
import { healthyStory } from '../../../test/support/playground-model.ts';
import type { Happening, Told } from '../model/happening.ts';
import { connectionsTo } from './connections.ts';
import { jsonPrinter } from './json-printer.ts';
import { textPrinter } from './text-printer.ts';

const wallFrom = Date.parse('2026-01-31T10:00:00Z');

function told(ms: number, happening: Happening): Told {
  return { at: ms, wallAt: wallFrom + ms, happening };
}

const story = [
  told(1_000, { kind: 'did', action: 'kill-node', node: 'node1', text: 'killed node1' }),
  told(1_500, { kind: 'wrote', node: 'node2' }),
  told(6_600, {
    kind: 'said',
    node: 'node2',
    line: { wallAt: wallFrom + 6_500, level: 'info', text: 'run promote, by the rule promote' },
  }),
  told(7_000, { kind: 'gap-ended', node: 'node2', ms: 5_620.04 }),
];

test('text: since when, who, and what; an agent’s line has its own moment, and single writes are no lines', () => {
  const lines: string[] = [];
  const printer = textPrinter({ print: (line) => lines.push(line), wallFrom });
  story.forEach(printer.told);
  expect(lines).toEqual([
    '   1.00 s  you    killed node1',
    '   6.50 s  node2  run promote, by the rule promote',
    '   7.00 s  probe  node2 takes writes; none was acknowledged for 5.62 s',
  ]);
});

test('text: where everything is to be found, in lines and nothing else', () => {
  const printed: unknown[][] = [];
  const nodes = [{ name: 'node1', postgres: 'postgresql://one', api: 'http://one/' }];
  textPrinter({ print: (...all: readonly unknown[]) => void printed.push([...all]), wallFrom }).started({
    nodes,
    primary: 'postgresql://one,two',
    list: 'matriarch list',
  });
  expect(printed.every((all) => all.length === 1)).toBe(true);
  expect(printed.join('\n')).toMatch(/postgresql:\/\/one {2}http[^]*postgresql:\/\/one,two[^]*matriarch list/);
});

test('json: one object each', () => {
  const lines: string[] = [];
  const printer = jsonPrinter({ print: (line) => lines.push(line), wallNow: () => wallFrom });
  story.forEach(printer.told);
  printer.ended({ isHealed: true, unreported: 0, probe: healthyStory().model.probe });
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    { at: '2026-01-31T10:00:01.000Z', event: 'did', action: 'kill-node', node: 'node1', text: 'killed node1' },
    {
      at: '2026-01-31T10:00:06.500Z',
      event: 'said',
      node: 'node2',
      level: 'info',
      text: 'run promote, by the rule promote',
    },
    { at: '2026-01-31T10:00:07.000Z', event: 'gap-ended', node: 'node2', ms: 5620 },
    {
      at: '2026-01-31T10:00:00.000Z',
      event: 'ended',
      healed: true,
      acknowledged: 201,
      lost: 0,
      unreported: 0,
      longest_gap_ms: 10,
    },
  ]);
});

test('a cluster that did not heal, or writes that are missing, are said to be in the last line', () => {
  const { probe } = healthyStory().model;
  const lastLine = (isHealed: boolean, unreported: number | null): string => {
    const lines: string[] = [];
    textPrinter({ print: (line) => lines.push(line), wallFrom }).ended({ isHealed, unreported, probe });
    return lines.join('').trim();
  };
  expect(lastLine(true, 0)).toMatch(/^Healthy\./);
  expect(lastLine(true, 4)).toMatch(/^4 acknowledged writes are MISSING\./);
  expect(lastLine(true, null)).toMatch(/^NOT known/);
  expect(lastLine(false, null)).toMatch(/^NOT healthy/);
});

test('everybody is sent to the relays, where the others come, too; list goes to the store', () => {
  const ports = { api: 1, postgres: 2, publicApi: 3, publicPostgres: 4, toStore: 5 };
  const base = { folder: '', dataDirectory: '', postgresBinaries: '', configFile: '', logFile: '' };
  const connections = connectionsTo(
    { nodes: [{ ...base, name: 'node1', ports }], commandLineFile: '/tmp/p/cli.yml' },
    'bin/matriarch',
  );
  expect(connections).toEqual({
    nodes: [
      { name: 'node1', postgres: 'postgresql://postgres:playground@127.0.0.1:4/postgres', api: 'http://127.0.0.1:3/' },
    ],
    primary: 'postgresql://postgres:playground@127.0.0.1:4/postgres?target_session_attrs=read-write',
    list: 'bin/matriarch -c /tmp/p/cli.yml list',
  });
});
