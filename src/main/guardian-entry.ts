/** The guardian's program: fences the PostgreSQL of one data directory when its lease runs out. Started by the agent. */
import { statSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createMachineClock } from '../adapters/clock/machine-clock.ts';
import { guardianLog } from '../adapters/guardian-process/guardian-log.ts';
import { type GuardianDoor, listenForAgent } from '../adapters/guardian-process/listen.ts';
import { processesOfDataDirectory } from '../adapters/linux-processes/data-directory-processes.ts';
import { fastStop, hardFence } from '../adapters/linux-processes/fence.ts';
import { hardenOwnProcess } from '../adapters/linux-processes/own-process.ts';
import { createTraceFile } from '../adapters/trace-file/trace-file.ts';
import { createWatchdog } from '../adapters/watchdog/create-watchdog.ts';
import { driveGuardian } from '../guardian/driver.ts';
import type { GuardianTracer } from '../guardian/trace.ts';

const { values } = parseArgs({
  options: { 'guardian-of': { type: 'string' }, socket: { type: 'string' }, trace: { type: 'string' } },
});
const { 'guardian-of': dataDir, socket } = values;
if (dataDir === undefined || socket === undefined) throw new Error('usage: guardian --guardian-of=DIR --socket=PATH');
// One that may not signal PostgreSQL is worse than none: the agent would rely on it.
if (!maySignalOwnerOf(dataDir)) throw new Error(`the data directory belongs to another user: ${dataDir}`);

hardenOwnProcess();
const log = guardianLog(`${socket}.log`);
let door: GuardianDoor | null = null;

const happen = driveGuardian({
  pid: process.pid,
  clock: createMachineClock(),
  scan: () => processesOfDataDirectory(dataDir),
  fastStop: () => fastStop(dataDir),
  hardFence: () => hardFence(dataDir),
  watchdog: createWatchdog(),
  send: (report) => door?.send(report),
  log,
  trace: values.trace === undefined ? null : traceFile(values.trace),
  end: () => {
    door?.close();
    process.exitCode = 0;
    process.exit();
  },
});

// Whatever goes wrong: a guardian that has a deadline to keep does not end.
process.on('uncaughtException', (error) => {
  log({ kind: 'log', level: 'error', event: 'defect', fields: { error: String(error.stack ?? error) } });
});
// Asked to end, it does as soon as nothing is armed.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  process.on(signal, () => happen({ kind: 'message', message: { kind: 'retire', number: 0 } }));
}

door = await listenForAgent(socket, {
  connected: () => happen({ kind: 'connected' }),
  disconnected: () => happen({ kind: 'disconnected' }),
  message: (message) => happen({ kind: 'message', message }),
}).catch((error: unknown) => {
  const because = error instanceof Error && 'code' in error ? error.code : error;
  writeSync(1, `it cannot listen at ${socket}: ${String(because)}\n`);
  throw error;
});
// The word that whoever started it waits for.
writeSync(1, 'listening\n');

function traceFile(path: string): GuardianTracer {
  const onTrouble = (reason: string): void =>
    log({ kind: 'log', level: 'error', event: 'trace-ends', fields: { reason } });
  return createTraceFile({ path, machine: 'guardian', onTrouble });
}

function maySignalOwnerOf(directory: string): boolean {
  const user = process.geteuid?.();
  const owner = statSync(directory, { throwIfNoEntry: false })?.uid;
  return user === 0 || owner === undefined || owner === user;
}
