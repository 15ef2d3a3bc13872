import { PassThrough } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import { expect, test } from 'vitest';
import { TerminalScreen } from '../../test/support/screen.ts';
import { span } from './line.ts';
import { Terminal } from './terminal.ts';

function terminalOn(output: PassThrough): Terminal {
  const input = Object.assign(new PassThrough(), { setRawMode: () => input });
  return new Terminal({
    input: input as unknown as ReadStream,
    output: output as unknown as WriteStream,
    colors: 'plain',
    onKey: () => undefined,
    onResize: () => undefined,
  });
}

test('a line as wide as the terminal is shown whole, and nothing stays of a longer one before', () => {
  const screen = new TerminalScreen({ columns: 5, rows: 2 });
  const terminal = terminalOn(new PassThrough().on('data', (chunk: Buffer) => screen.feed(chunk.toString())));

  terminal.draw([[span('12345')], [span('abcde')]]);
  expect(screen.lines).toEqual(['12345', 'abcde']);
  terminal.draw([[span('12')], [span('abcde')]]);
  expect(screen.lines).toEqual(['12', 'abcde']);
});

test.each([
  ['its own', { columns: 132, rows: 43 }, { columns: 132, rows: 43 }],
  ['of one that knows none, as a serial console: the usual one', { columns: 0, rows: 0 }, { columns: 80, rows: 24 }],
])('the size is %s', (_whose, size, expected) => {
  expect(terminalOn(Object.assign(new PassThrough(), size)).size).toEqual(expected);
});
