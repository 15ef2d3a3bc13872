import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { createMachineClock } from './machine-clock.ts';

function clockWith(readings: { readonly monotonic: readonly number[]; readonly sinceBoot: readonly number[] }) {
  const take = (list: readonly number[]) => {
    let next = 0;
    return () => list[Math.min(next++, list.length - 1)]!;
  };
  return createMachineClock({
    monotonic: take(readings.monotonic),
    sinceBoot: take(readings.sinceBoot),
    wall: () => 0,
  });
}

test('while the machine was never suspended, the finer clock counts', () => {
  expect(clockWith({ monotonic: [10_003.5], sinceBoot: [10_000] }).now()).toBe(10_003.5);
});

test('after a suspension the time since boot counts', () => {
  expect(clockWith({ monotonic: [10_003.5], sinceBoot: [70_000] }).now()).toBe(70_000);
});

test('losing the CPU between two readings is no suspension', () => {
  const clock = clockWith({ monotonic: [1_000, 1_500, 1_500, 1_501], sinceBoot: [1_490, 1_500] });

  expect(clock.suspended()).toBe(-1);
});

test('a suspension shows as a jump of the distance', () => {
  expect(clockWith({ monotonic: [1_000, 1_001], sinceBoot: [61_000] }).suspended()).toBe(59_999);
});

test('the clock is one for all processes of the machine', () => {
  const clock = createMachineClock();
  const script = 'const [s, n] = process.hrtime(); process.stdout.write(String(s * 1000 + n / 1e6))';

  const before = clock.now();
  const elsewhere = Number(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }));
  const after = clock.now();

  // The time since boot is read with 10 ms resolution.
  expect(elsewhere).toBeGreaterThanOrEqual(before - 10);
  expect(elsewhere).toBeLessThanOrEqual(after + 10);
});
