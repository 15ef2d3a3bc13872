import { expect, test } from 'vitest';
import { parseScript } from './parse-script.ts';

test('commands are separated by semicolons, and a harm without a target means the leader', () => {
  expect(parseScript('kill-node leader; wait healed 30s; switchover; cut;')).toEqual({
    kind: 'script',
    commands: [
      { kind: 'kill-node', target: 'leader' },
      { kind: 'wait-healed', withinMs: 30_000 },
      { kind: 'switchover' },
      { kind: 'cut', target: 'leader' },
    ],
  });
});

test('targets are the leader, a replica, a node, and for bring-back all of them', () => {
  expect(parseScript('freeze replica; kill-postgres node2; bring-back; bring-back node3; pause; resume')).toEqual({
    kind: 'script',
    commands: [
      { kind: 'freeze', target: 'replica' },
      { kind: 'kill-postgres', target: 'node2' },
      { kind: 'bring-back', target: 'all' },
      { kind: 'bring-back', target: 'node3' },
      { kind: 'pause' },
      { kind: 'resume' },
    ],
  });
});

test('spans have units', () => {
  expect(parseScript('wait 1.5s; wait 200ms; wait healed 2m')).toEqual({
    kind: 'script',
    commands: [
      { kind: 'wait', ms: 1_500 },
      { kind: 'wait', ms: 200 },
      { kind: 'wait-healed', withinMs: 120_000 },
    ],
  });
});

test.for([
  '',
  ' ; ',
  'kill',
  'cut everybody',
  'wait',
  'wait 5',
  'wait healed',
  'wait healed 5',
  'pause now',
  'freeze all',
])('"%s" is refused', (text) => {
  expect(parseScript(text).kind).toBe('invalid');
});

test('what is not understood is quoted', () => {
  expect(parseScript('switchover; cut  everybody; pause')).toMatchObject({
    problem: expect.stringContaining('"cut everybody"'),
  });
});
