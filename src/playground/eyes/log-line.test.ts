import { expect, test } from 'vitest';
import { readLogLine } from './log-line.ts';

const at = '2026-01-31T10:20:30.123Z';

test('a decision says what, by which rule, and from which facts', () => {
  const line = { at, level: 'info', event: 'decision', action: 'run', rule: 'promote-now', task: 'promote', lag: 0 };
  expect(readLogLine(JSON.stringify(line))).toEqual({
    wallAt: Date.parse(at),
    level: 'info',
    text: 'run promote, by the rule promote-now: lag=0',
  });
});

test('any other event is told with its fields, except those without a value', () => {
  const line = { at, level: 'warn', event: 'store-endpoint', endpoint: 'a:1', before: null };
  expect(readLogLine(JSON.stringify(line))?.text).toBe('store-endpoint endpoint=a:1');
});

test('what is for debugging only, or no line of an agent, is left out', () => {
  expect(readLogLine(JSON.stringify({ at, level: 'debug', event: 'look' }))).toBeNull();
  expect(readLogLine('waiting for server to start....')).toBeNull();
});
