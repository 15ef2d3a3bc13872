import { PassThrough } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import { expect, test } from 'vitest';
import { TerminalScreen } from '../../test/support/screen.ts';
import { span } from './line.ts';
import { Terminal } from './terminal.ts';

test('a line as wide as the terminal is shown whole, and nothing stays of a longer one before', () => {
  const screen = new TerminalScreen({ columns: 5, rows: 2 });
  const input = Object.assign(new PassThrough(), { setRawMode: () => input });
  const output = new PassThrough().on('data', (chunk: Buffer) => screen.feed(chunk.toString()));
  const terminal = new Terminal({
    input: input as unknown as ReadStream,
    output: output as unknown as WriteStream,
    colors: 'plain',
    onKey: () => undefined,
    onResize: () => undefined,
  });

  terminal.draw([[span('12345')], [span('abcde')]]);
  expect(screen.lines).toEqual(['12345', 'abcde']);
  terminal.draw([[span('12')], [span('abcde')]]);
  expect(screen.lines).toEqual(['12', 'abcde']);
});
