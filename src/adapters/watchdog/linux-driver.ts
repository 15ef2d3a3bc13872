import { constants, readFileSync, statSync } from 'node:fs';
import { arch } from 'node:process';
import type { Millis } from '../../domain/time.ts';
import { type Ioctl, loadIoctl } from './ioctl.ts';
import { fromSeconds, toSeconds } from './seconds.ts';
import type { WatchdogDriver } from './watchdog-driver.ts';

/**
 * A watchdog device of the kernel (Documentation/watchdog/watchdog-api.rst).
 * @param ioctl libc's, or a test's.
 */
export function linuxDriver(ioctl: Ioctl = loadIoctl()): WatchdogDriver {
  const numbers = requestNumbers(arch);
  const ask = (file: number, request: number, buffer: Buffer, what: string): Buffer => {
    if (ioctl(file, request, buffer) < 0) throw new Error(`the device refuses ${what}`);
    return buffer;
  };
  const timeoutOf = (file: number): Millis =>
    fromSeconds(readInt(ask(file, numbers.getTimeout, Buffer.alloc(INT_BYTES), 'to tell its time-out')));
  return {
    openFlags: constants.O_WRONLY,
    setTimeout: (file, timeout) => {
      const info = ask(file, numbers.getSupport, Buffer.alloc(INFO_BYTES), 'to tell what it supports');
      const options = readInt(info);
      if ((options & OPTION_SET_TIMEOUT) !== 0) {
        ask(file, numbers.setTimeout, int(toSeconds(timeout)), `a time-out of ${String(toSeconds(timeout))} s`);
      }
      // The kernel may have rounded it.
      const canClose = (options & OPTION_MAGIC_CLOSE) !== 0 && !isNowayout(file);
      return { timeout: timeoutOf(file), canClose };
    },
  };
}

/** Does it count although nobody has it open, or somebody else has? Told only where the kernel shows it. */
export function isCounting(device: string): boolean {
  try {
    return attribute(statSync(device).rdev, 'state') === 'active';
  } catch {
    return false;
  }
}

/** A kernel that was told never to stop a watchdog ignores the request to. */
function isNowayout(file: number): boolean {
  try {
    return attribute(statSync(`/proc/self/fd/${String(file)}`).rdev, 'nowayout') === '1';
  } catch {
    return false;
  }
}

/** @throws where the kernel does not show it. */
function attribute(device: number, name: 'state' | 'nowayout'): string {
  // The number of /dev/watchdog, an older name of watchdog0, leads to nothing.
  const folder = device === MISC_WATCHDOG ? '/sys/class/watchdog/watchdog0' : `/sys/dev/char/${numberOf(device)}`;
  return readFileSync(`${folder}/${name}`, 'utf8').trim();
}

function numberOf(device: number): string {
  return `${String((device >> 8) & 0xfff)}:${String((device & 0xff) | ((device >> 12) & 0xfff00))}`;
}

/** `_IOR` and `_IOWR` have other bits for their directions on some architectures. */
export function requestNumbers(architecture: string): {
  readonly getSupport: number;
  readonly setTimeout: number;
  readonly getTimeout: number;
} {
  const isOther = OTHER_DIRECTION_BITS.some((each) => architecture.startsWith(each));
  return isOther
    ? { getSupport: 0x40285700, setTimeout: 0xc0045706, getTimeout: 0x40045707 }
    : { getSupport: 0x80285700, setTimeout: 0xc0045706, getTimeout: 0x80045707 };
}

function int(value: number): Buffer {
  const buffer = Buffer.alloc(INT_BYTES);
  if (IS_LITTLE_ENDIAN) buffer.writeInt32LE(value);
  else buffer.writeInt32BE(value);
  return buffer;
}

function readInt(buffer: Buffer): number {
  return IS_LITTLE_ENDIAN ? buffer.readInt32LE() : buffer.readInt32BE();
}

const OTHER_DIRECTION_BITS = ['mips', 'ppc', 'sparc'] as const;
const IS_LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
const INT_BYTES = 4;
/** `struct watchdog_info`: options, firmware version, 32 bytes of a name. */
const INFO_BYTES = 40;
const OPTION_SET_TIMEOUT = 0x80;
const OPTION_MAGIC_CLOSE = 0x100;
/** 10:130 */
const MISC_WATCHDOG = (10 << 8) | 130;
