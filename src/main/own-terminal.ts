import type { WriteStream } from 'node:tty';

/** One that can place text anywhere, with somebody at its keyboard. */
export function isTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY && process.env['TERM'] !== 'dumb';
}

/** https://no-color.org */
export function colorsOf(output: WriteStream): 'colored' | 'plain' {
  return output.hasColors() && (process.env['NO_COLOR'] ?? '') === '' ? 'colored' : 'plain';
}
