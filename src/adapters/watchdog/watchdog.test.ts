import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { seconds } from '../../domain/time.ts';
import { createWatchdog } from './create-watchdog.ts';
import { loadIoctl } from './ioctl.ts';
import { linuxDriver, requestNumbers } from './linux-driver.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'matriarch-watchdog-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a pipe in the place of a device', () => {
  function pipe(): { readonly place: { device: string; driver: 'testing' }; read(): string; close(): void } {
    const device = join(folder, 'pipe');
    execFileSync('mkfifo', [device]);
    const reader = openSync(device, constants.O_RDONLY | constants.O_NONBLOCK);
    const buffer = Buffer.alloc(1_000);
    return {
      place: { device, driver: 'testing' },
      read: () => buffer.toString('utf8', 0, readSync(reader, buffer)),
      close: () => closeSync(reader),
    };
  }

  test('hears the time-out, each feed and the close, as with Patroni', () => {
    const { place, read, close } = pipe();
    const watchdog = createWatchdog();
    expect(watchdog.act({ kind: 'open', place, timeout: seconds(25) })).toEqual({
      kind: 'open',
      timeout: seconds(25),
      canClose: true,
    });
    watchdog.act({ kind: 'feed' });
    watchdog.act({ kind: 'set-timeout', timeout: seconds(5) });
    watchdog.act({ kind: 'close' });

    expect(read()).toBe('Ctimeout=25\n1Ctimeout=5\nV');
    close();
  });

  test('without anybody who reads nothing waits', () => {
    const { place, close } = pipe();
    close();
    const watchdog = createWatchdog();
    expect(watchdog.act({ kind: 'open', place, timeout: seconds(25) })?.kind).toBe('open');
    // More than a pipe holds.
    for (let feeds = 0; feeds < 70_000; feeds += 1) expect(watchdog.act({ kind: 'feed' })).toBeNull();
  });
});

describe('whether it may be opened', () => {
  test('is told without opening it', () => {
    const device = join(folder, 'device');
    const place = { device, driver: 'linux' } as const;
    expect(createWatchdog().act({ kind: 'probe', place })).toMatchObject({
      problem: expect.stringContaining('ENOENT'),
    });
    writeFileSync(device, '');
    expect(createWatchdog().act({ kind: 'probe', place })).toEqual({
      kind: 'probed',
      problem: null,
      isCounting: false,
    });
  });

  test('and what is no device says so when it is opened', () => {
    const device = join(folder, 'device');
    writeFileSync(device, '');
    const answer = createWatchdog().act({ kind: 'open', place: { device, driver: 'linux' }, timeout: seconds(25) });

    expect(answer?.kind).toBe('failed');
  });
});

describe('a device of the kernel', () => {
  const numbers = requestNumbers('x64');
  /** As the kernel would answer; it counts in steps of ten seconds. */
  function kernel(options: number): { asked: number[]; ioctl: ReturnType<typeof loadIoctl> } {
    const asked: number[] = [];
    let timeout = 60;
    return {
      asked,
      ioctl: (_, request, buffer) => {
        asked.push(request);
        if (request === numbers.getSupport) buffer.writeUInt32LE(options);
        if (request === numbers.setTimeout) timeout = Math.ceil(buffer.readInt32LE() / 10) * 10;
        if (request === numbers.getTimeout) buffer.writeInt32LE(timeout);
        return 0;
      },
    };
  }

  test('is asked for a time-out, and for what it made of it', () => {
    const { ioctl } = kernel(0x8180);
    expect(linuxDriver(ioctl).setTimeout(0, seconds(25))).toEqual({ timeout: seconds(30), canClose: true });
  });

  test('that cannot be set keeps its own', () => {
    const { ioctl, asked } = kernel(0x100);
    expect(linuxDriver(ioctl).setTimeout(0, seconds(25)).timeout).toBe(seconds(60));
    expect(asked).not.toContain(numbers.setTimeout);
  });

  test('without magic close is known to count on', () => {
    expect(linuxDriver(kernel(0x8080).ioctl).setTimeout(0, seconds(25)).canClose).toBe(false);
  });

  test('that refuses makes the call fail', () => {
    expect(() => linuxDriver(() => -1).setTimeout(0, seconds(25))).toThrow('refuses');
  });

  test('has other numbers where the directions have other bits', () => {
    expect(requestNumbers('arm64')).toEqual(numbers);
    expect(requestNumbers('ppc64').getTimeout).toBe(0x40045707);
  });

  test('is reached through libc: a pipe tells how much is in it', () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    writeSync(pipe, 'seven!!');
    const count = Buffer.alloc(4);

    expect(loadIoctl()(pipe, 0x541b, count)).toBe(0);
    expect(count.readInt32LE()).toBe(7);
    closeSync(pipe);
  });
});
