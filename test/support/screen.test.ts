import { expect, test } from 'vitest';
import { TerminalScreen } from './screen.ts';

const open = '\x1b[?1049h';

test('text is placed, cleared and coloured, also when a sequence comes in two pieces', () => {
  const screen = new TerminalScreen({ columns: 10, rows: 2 });
  for (const piece of [`${open}\x1b`, '[2', ';3Hab\x1b[3', '1mc\x1b[0m', '\x1b[2;4H\x1b[K']) screen.feed(piece);
  expect(screen.lines).toEqual(['', '  a']);
  expect(screen.overflows).toEqual([]);
});

test('behind a full line the cursor stands on its last character', () => {
  const screen = new TerminalScreen({ columns: 3, rows: 2 });
  screen.feed(`${open}\x1b[1;1Habc\x1b[K\x1b[2;1Hx\x1b[2;1H\x1b[2Kdef`);
  expect(screen.lines).toEqual(['ab', 'def']);
});

test('what does not fit is remembered', () => {
  const screen = new TerminalScreen({ columns: 3, rows: 1 });
  screen.feed(`${open}\x1b[1;1Habcd`);
  expect(screen.overflows).toHaveLength(1);
  screen.feed('\x1b[2;1Hx');
  expect(screen.overflows.length).toBeGreaterThan(1);
});

test('a new size holds from the next clearing on', () => {
  const screen = new TerminalScreen({ columns: 3, rows: 1 });
  screen.feed(open);
  screen.resize({ columns: 5, rows: 2 });
  expect(screen.lines).toHaveLength(1);
  screen.feed('\x1b[2J\x1b[2;1Habcde');
  expect(screen.lines).toEqual(['', 'abcde']);
  expect(screen.overflows).toEqual([]);
});

test('a sequence that the playground does not use is an error', () => {
  const screen = new TerminalScreen({ columns: 3, rows: 1 });
  expect(() => screen.feed(`${open}\x1b]0;a title that is long\x07`)).toThrow('not understood');
});
