import { constants, writeSync } from 'node:fs';
import { toSeconds } from './seconds.ts';
import type { WatchdogDriver } from './watchdog-driver.ts';

/**
 * Patroni's stand-in for a device: a pipe, or a file, to which the requests are written as text (`driver: testing`).
 * Opened for reading too, since nobody may be there yet to read, and without waiting when nobody does.
 */
export function testingDriver(): WatchdogDriver {
  return {
    openFlags: constants.O_RDWR | constants.O_NONBLOCK,
    setTimeout: (file, timeout) => {
      writeSync(file, `Ctimeout=${String(toSeconds(timeout))}\n`);
      return { timeout, canClose: true };
    },
  };
}
