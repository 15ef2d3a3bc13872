import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { createMachineClock } from './machine-clock.ts';

/** A machine whose clocks a test turns, and the number of times its time since boot was read. */
class Machine {
  monotonic = 10_003.5;
  wall = 1_000_000;
  sleptMs = 0;
  readings = 0;
  /** What each reading of the time since boot costs: the process loses the CPU. */
  readonly delays: number[] = [];

  readonly clock = createMachineClock({
    monotonic: () => this.monotonic,
    wall: () => Math.floor(this.wall),
    sinceBoot: () => {
      this.readings += 1;
      const reading = Math.floor((this.monotonic + this.sleptMs) / 10) * 10;
      this.pass(this.delays.shift() ?? 0);
      return reading;
    },
  });

  pass(ms: number): void {
    this.monotonic += ms;
    this.wall += ms;
  }

  sleep(ms: number): void {
    this.sleptMs += ms;
    this.wall += ms;
  }
}

test('while the machine was never suspended, the finer clock counts', () => {
  expect(new Machine().clock.now()).toBe(10_003.5);
});

test('after a suspension the time since boot counts, at once', () => {
  const machine = new Machine();
  machine.clock.now();
  machine.sleep(60_000);

  expect(machine.clock.now()).toBe(70_000);
});

test('the clock does not go back, whatever the coarse one shows', () => {
  const machine = new Machine();
  machine.sleep(60_009);
  let last = machine.clock.now();
  for (let count = 0; count < 20; count += 1) {
    machine.pass(1_003);
    const now = machine.clock.now();
    expect(now - last).toBeGreaterThanOrEqual(1_003);
    last = now;
  }
});

test('losing the CPU between two readings is no suspension', () => {
  const machine = new Machine();
  machine.delays.push(500, 400);

  expect(machine.clock.suspended()).toBeLessThanOrEqual(0);
  expect(machine.clock.suspended()).toBeGreaterThan(-10);
});

test('a suspension shows as a jump of the distance', () => {
  const machine = new Machine();
  const before = machine.clock.suspended();
  machine.sleep(60_000);

  expect(machine.clock.suspended() - before).toBe(60_000);
});

test('the time since boot is read once a second, or when the wall clock moves against the monotonic one', () => {
  const machine = new Machine();
  machine.clock.now();
  for (let count = 0; count < 9; count += 1) {
    machine.pass(100.3);
    machine.clock.now();
    machine.clock.suspended();
  }
  expect(machine.readings).toBe(1);
  machine.pass(100);
  machine.clock.now();
  expect(machine.readings).toBe(2);
  machine.wall -= 3_600_000;
  machine.clock.now();
  expect(machine.readings).toBe(3);
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
