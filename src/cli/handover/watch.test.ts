import { expect, test } from 'vitest';
import { fakeOperator, globals } from '../../../test/support/fake-operator.ts';
import { NOW } from '../../../test/support/node-snapshot.ts';
import { between, later, millis, seconds } from '../../domain/time.ts';
import type { HandoverOptions } from './handover-run.ts';
import { runHandover } from './run-handover.ts';

const switchover: HandoverOptions = {
  ...globals,
  cluster: 'demo',
  tool: 'matriarch',
  format: 'text',
  handover: 'switchover',
  leader: null,
  candidate: null,
  scheduled: null,
  force: true,
};

test('a store that falls silent meanwhile does not stretch the time that is waited', async () => {
  let reads = 0;
  let now = NOW;
  const { line, seen } = fakeOperator({
    answers: () => ({ kind: 'answered', status: 200, body: 'Successfully switched over to "n2"' }),
    storeSilence: () => {
      reads += 1;
      return reads > 2 ? 'no leader' : null;
    },
  });
  const sleep = (milliseconds: number): Promise<void> => {
    now = later(now, millis(milliseconds));
    return line.sleep(milliseconds);
  };
  const code = await runHandover(switchover, { ...line, now: () => now, sleep });

  expect(code).toBe(1);
  expect(seen.stderr).toContain('Not done after 15 s');
  // The picture at the end has the patience of any command.
  expect(between(NOW, now)).toBeLessThan(seconds(15 + 11));
});
