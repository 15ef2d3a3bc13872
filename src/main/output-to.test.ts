import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { painter } from '../cli/paint.ts';
import { outputTo } from './output-to.ts';

function written(isTTY: boolean, text: string): string {
  let all = '';
  outputTo({ isTTY, write: (piece: string | Uint8Array) => (all += String(piece)) !== '' }).write(text);
  return all;
}

test.each([
  ['a title for the window', '\x1b]0;all is well\x07', '?]0;all is well?'],
  ['a line over another', 'n1\rn2', 'n1?n2'],
  ['the cursor elsewhere', '\x1b[1;1Hrunning\x9b2K', '?[1;1Hrunning?2K'],
  ['a text that runs backwards', 'a\u202eb', 'a?b'],
  ['an invisible one', '\x1b[8mhidden\x1b[28m', '?[8mhidden?[28m'],
])('a terminal does not obey what a member has published: %s', (_what, text, shown) => {
  expect(written(true, `| ${text}\t|\n`)).toBe(`| ${shown}\t|\n`);
  expect(written(false, text)).toBe(text);
});

test('it has the colours of our own, and is cleared before a list that is repeated', () => {
  const paint = painter({ isTerminal: true, write: () => undefined }, { environment: {} });
  const own = `\x1b[2J\x1b[H${(['red', 'green', 'yellow', 'cyan', 'dim'] as const).map((each) => paint(each, 'n1')).join('\n')}`;

  expect(written(true, own)).toBe(own);
});

test('what could not be written is told with the very text that it befell', async () => {
  const full = new Writable({ write: (_text, _encoding, done) => done(new Error('no space left')) });
  const stream = Object.assign(full, { isTTY: false }).on('error', () => undefined);
  const failure = await new Promise<Error>((resolve) => {
    outputTo(stream, resolve).write('n1');
  });

  expect(failure.message).toBe('no space left');
});
