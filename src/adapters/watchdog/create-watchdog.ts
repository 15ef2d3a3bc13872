import { accessSync, closeSync, constants, openSync, writeSync } from 'node:fs';
import type { Millis } from '../../domain/time.ts';
import type { WatchdogPlace } from '../../domain/watchdog.ts';
import type { WatchdogAction, WatchdogAnswer, WatchdogDevice } from '../../ports/watchdog.ts';
import { isCounting, linuxDriver } from './linux-driver.ts';
import { testingDriver } from './testing-driver.ts';
import type { WatchdogDriver } from './watchdog-driver.ts';

const drivers: Readonly<Record<WatchdogPlace['driver'], () => WatchdogDriver>> = {
  linux: linuxDriver,
  testing: testingDriver,
};

/** The watchdog of this machine. A second process cannot open a device that is open. */
export function createWatchdog(): WatchdogDevice {
  let open: { readonly file: number; readonly driver: WatchdogDriver } | null = null;

  function act(action: WatchdogAction): WatchdogAnswer | null {
    switch (action.kind) {
      case 'probe':
        return probe(action.place);
      case 'open': {
        const driver = drivers[action.place.driver]();
        open = { driver, file: openSync(action.place.device, driver.openFlags) };
        return opened(open, action.timeout);
      }
      case 'set-timeout':
        return open === null ? { kind: 'failed', reason: 'it is not open' } : opened(open, action.timeout);
      case 'feed':
        if (open !== null) feed(open.file);
        return null;
      case 'close':
        stop();
        return null;
    }
  }

  function opened({ driver, file }: NonNullable<typeof open>, timeout: Millis): WatchdogAnswer {
    return { kind: 'open', ...driver.setTimeout(file, timeout) };
  }

  function stop(): void {
    if (open === null) return;
    const { file } = open;
    open = null;
    try {
      writeSync(file, MAGIC_CLOSE);
    } finally {
      closeSync(file);
    }
  }

  return {
    act: (action) => {
      try {
        return act(action);
      } catch (error) {
        const reason = `${action.kind}: ${error instanceof Error ? error.message : String(error)}`;
        if (action.kind === 'close' || open === null) return { kind: 'failed', reason };
        // What it does now nobody knows: stopped, if that still works; else it fires, and that is what it is for.
        return afterFailure(reason);
      }
    },
  };

  function afterFailure(reason: string): WatchdogAnswer {
    try {
      stop();
    } catch {
      return { kind: 'failed', reason: `${reason}; it could not be closed either` };
    }
    return { kind: 'failed', reason };
  }
}

function feed(file: number): void {
  try {
    writeSync(file, KEEP_ALIVE);
  } catch (error) {
    // A pipe that nobody reads is full: there is a device only for who reads.
    if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
  }
}

function probe({ device, driver }: WatchdogPlace): WatchdogAnswer {
  try {
    accessSync(device, constants.W_OK);
  } catch (error) {
    return { kind: 'probed', problem: error instanceof Error ? error.message : String(error), isCounting: false };
  }
  return { kind: 'probed', problem: null, isCounting: driver === 'linux' && isCounting(device) };
}

const KEEP_ALIVE = '1';
const MAGIC_CLOSE = 'V';
