import { expect, test } from 'vitest';
import { instant, millis } from '../../../domain/time.ts';
import { whyNoLease } from './promote.ts';

const good = { deadline: instant(5_000), guardianReady: true, now: instant(1_000) };

test.each([
  ['a lease that lasts longer than the safety margin allows it', good, null],
  ['no lease, no promotion', { ...good, deadline: null }, 'no lease is held'],
  ['no guardian, no promotion', { ...good, guardianReady: false }, 'no guardian is ready to fence this server'],
  ['a lease that ends within the margin does not', { ...good, now: instant(4_001) }, 'the lease ends too soon'],
  ['a lease that ends right after the margin does', { ...good, now: instant(4_000) }, null],
])('%s', (_rule, lease, expected) => {
  expect(whyNoLease(lease, millis(1_000))).toBe(expected);
});
