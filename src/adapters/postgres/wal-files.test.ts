import { expect, test } from 'vitest';
import { type Lsn, parseLsn } from '../../domain/lsn.ts';
import { type Timeline, type TimelineHistory, timeline } from '../../domain/timeline.ts';
import { lastSegment, walPieces } from './wal-files.ts';

const SEGMENT = 0x100_0000;

test('a segment file bears its timeline and its number in two halves', () => {
  expect(walPieces({ timeline: on(26), from: at('1A/FF000010'), to: at('1A/FF000020') }, history(26), SEGMENT)).toEqual(
    [{ names: ['0000001A0000001A000000FF'], offset: 16, length: 16 }],
  );
});

test('a range over the end of a segment goes on in the next file', () => {
  const pieces = walPieces({ timeline: on(2), from: at('0/2FFFFF0'), to: at('0/3000010') }, history(2), SEGMENT);
  expect(pieces).toEqual([
    { names: ['000000020000000000000002'], offset: 0xff_fff0, length: 16 },
    { names: ['000000020000000000000003'], offset: 0, length: 16 },
  ]);
});

test('the segment in which a timeline was left lies in its children’s files, too, the newest first', () => {
  const left = history(4, [1, '0/1000028'], [2, '0/3000100'], [3, '0/3000200']);
  const names = (from: string, to: string) =>
    walPieces({ timeline: on(2), from: at(from), to: at(to) }, left, SEGMENT).map((each) => each.names);
  expect(names('0/3000000', '0/3000100')).toEqual([
    ['000000040000000000000003', '000000030000000000000003', '000000020000000000000003'],
  ]);
  expect(names('0/2000000', '0/2000100')).toEqual([['000000020000000000000002']]);
});

test('the last segment holds the last byte, not the one after it', () => {
  expect(lastSegment(at('0/3000000'), SEGMENT)).toBe(at('0/2000000'));
  expect(lastSegment(at('0/3000001'), SEGMENT)).toBe(at('0/3000000'));
});

function at(text: string): Lsn {
  const position = parseLsn(text);
  if (position === null) throw new Error(`no position: ${text}`);
  return position;
}

function on(number: number): Timeline {
  const valid = timeline(number);
  if (valid === null) throw new Error(`no timeline: ${String(number)}`);
  return valid;
}

function history(of: number, ...switches: readonly (readonly [number, string])[]): TimelineHistory {
  return {
    of: on(of),
    switches: switches.map(([parent, switchedAt]) => ({ parent: on(parent), switchedAt: at(switchedAt), reason: '' })),
  };
}
