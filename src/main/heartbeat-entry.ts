/** The heartbeat's thread: owns the lease, proves the lock, keeps a guardian armed. Started by the agent's thread. */
import { dirname } from 'node:path';
import { env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { createMachineClock } from '../adapters/clock/machine-clock.ts';
import { createEtcdStore } from '../adapters/etcd/create-etcd-store.ts';
import { findOrStartGuardian } from '../adapters/guardian-process/find-or-start.ts';
import { guardianSocketPath, makePrivate, realDataDirectory } from '../adapters/guardian-process/socket-path.ts';
import { endStrayGuardians, guardianMark } from '../adapters/linux-processes/stray-guardians.ts';
import { createTraceFile } from '../adapters/trace-file/trace-file.ts';
import { invariant } from '../domain/invariant.ts';
import { driveHeartbeat } from '../heartbeat/driver/drive-heartbeat.ts';
import { writeLease } from '../heartbeat/driver/lease-cell.ts';
import type { FromHeartbeat, HeartbeatSetup, ToHeartbeat } from '../heartbeat/driver/messages.ts';
import type { Log } from '../ports/log.ts';

/** It allocates and computes next to nothing: a small heap, no threads that would share its work, no compiled code. */
const GUARDIAN_FLAGS = [
  '--max-semi-space-size=1',
  '--max-old-space-size=16',
  '--v8-pool-size=0',
  ...['--optimize-for-size', '--no-opt', '--no-maglev', '--no-sparkplug'],
];

// eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- `startHeartbeat` passed it, and names its type.
const setup: HeartbeatSetup = workerData;
const agent = parentPort;
invariant(agent !== null, 'the heartbeat runs in a thread of the agent');

const { config, prefix, retryTimeout, trace } = setup;
const clock = createMachineClock();
const log = { write: (level, event, fields) => post({ kind: 'log', level, event, fields }) } satisfies Log;
const store = createEtcdStore({ config: config.store, prefix, clock, log, retryTimeout });
const realDataDir = realDataDirectory(config.postgres.dataDir);
const socketPath = guardianSocketPath({ realDataDir, runtimeDir: env['MATRIARCH_RUNTIME_DIR'] });
const guardian = {
  socketPath,
  command: execPath,
  args: [
    ...GUARDIAN_FLAGS,
    fileURLToPath(setup.guardianProgram),
    guardianMark(realDataDir),
    `--socket=${socketPath}`,
    ...(trace === null ? [] : [`--trace=${trace.guardian}`]),
  ],
  makeRoom: () => {
    try {
      makePrivate(dirname(socketPath));
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  },
  endStrays: () => endStrayGuardians(realDataDir),
};

const happen = driveHeartbeat({
  self: config.name,
  clock,
  store,
  findGuardian: (onReport) => findOrStartGuardian(guardian, onReport),
  post,
  publishFact: (fact) => writeLease(setup.cell, fact),
  trace: trace === null ? null : createTraceFile({ path: trace.heartbeat, machine: 'heartbeat', onTrouble: traceEnds }),
  end: () => {
    agent.close();
    void store.close();
  },
});
agent.on('message', ({ id, command }: ToHeartbeat) => happen({ kind: 'command', id, command }));

function traceEnds(reason: string): void {
  log.write('error', 'trace-ends', { reason });
}

function post(message: FromHeartbeat): void {
  agent?.postMessage(message);
}
