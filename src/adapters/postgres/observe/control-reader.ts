import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalPostgresConfig } from '../../../domain/agent-config.ts';
import { formatLsn, type Lsn } from '../../../domain/lsn.ts';
import type { ControlData } from '../../../domain/postgres-report.ts';
import { toolPath } from '../binaries.ts';
import { isAbsent } from '../errors.ts';
import { type Environment, toolEnvironment } from '../process/environment.ts';
import { runTool } from '../process/tool.ts';
import { pause } from '../wait.ts';
import { checkpointEndOf, controlDataOf, parseLabels, type WalGeometry, walGeometry } from './control-data.ts';
import { oneAtATime } from './one-at-a-time.ts';

export type Control = { readonly labels: ReadonlyMap<string, string>; readonly data: ControlData | null };

/** Kernels stamp files with the time of the last tick: two changes within one look the same. */
const STAMP_RESOLUTION_MS = 50;

/**
 * Reads `global/pg_control` through pg_controldata, and again only when the file has changed: an idle agent starts no
 * process. @returns `null` when there is no such file.
 */
export function controlReader(
  config: Pick<LocalPostgresConfig, 'binDir' | 'binNames' | 'dataDir'>,
  own: Environment,
): () => Promise<Control | null> {
  const environment = toolEnvironment(own);
  let known: { readonly stamp: string; readonly control: Control } | null = null;
  return oneAtATime(read);

  async function read(): Promise<Control | null> {
    const stats = await statsOf(join(config.dataDir, 'global', 'pg_control'));
    if (stats === null) return null;
    const stamp = `${stats.ino}:${stats.mtimeMs}:${stats.size}`;
    if (known?.stamp === stamp) return known.control;
    const control = await readControl(config, environment);
    // A file written this very moment may be written once more under the same stamp.
    known = control.data !== null && Date.now() - stats.mtimeMs > STAMP_RESOLUTION_MS ? { stamp, control } : null;
    return control;
  }
}

async function readControl(
  config: Pick<LocalPostgresConfig, 'binDir' | 'binNames' | 'dataDir'>,
  environment: Environment,
): Promise<Control> {
  const text = await controlText(config, environment);
  if (text === null) return { labels: new Map(), data: null };
  const labels = parseLabels(text);
  const data = controlDataOf(labels, null);
  if (data?.state !== 'shut down') return { labels, data };
  const wal = walGeometry(labels);
  if (wal === null) return { labels, data };
  return { labels, data: { ...data, checkpointEnd: await checkpointEnd(config, environment, data, wal) } };
}

/**
 * A server writes its file in place, and who reads meanwhile may see half of it: pg_controldata tells all the same, with a
 * warning (from version 17 on, only after it has tried again itself). @returns `null`: it cannot be read, or is damaged.
 */
async function controlText(
  config: Pick<LocalPostgresConfig, 'binDir' | 'binNames' | 'dataDir'>,
  environment: Environment,
): Promise<string | null> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    if (attempt > 1) await pause(BETWEEN_ATTEMPTS_MS, null);
    const outcome = await runTool({
      command: toolPath(config, 'pg_controldata'),
      args: [config.dataDir],
      environment,
      signal: null,
    });
    if (outcome.kind !== 'exited' || outcome.code !== 0) return null;
    if (!UNTRUSTWORTHY.test(outcome.stdout) && !UNTRUSTWORTHY.test(outcome.stderr)) return outcome.stdout;
  }
  return null;
}

const UNTRUSTWORTHY = /calculated CRC checksum does not match/i;
const ATTEMPTS = 5;
const BETWEEN_ATTEMPTS_MS = 10;

async function checkpointEnd(
  config: Pick<LocalPostgresConfig, 'binDir' | 'binNames' | 'dataDir'>,
  environment: Environment,
  data: ControlData,
  wal: WalGeometry,
): Promise<Lsn | null> {
  const outcome = await runTool({
    command: toolPath(config, 'pg_waldump'),
    args: [
      '-p',
      join(config.dataDir, 'pg_wal'),
      '-t',
      String(data.checkpointTimeline),
      '-s',
      formatLsn(data.checkpointLsn),
      '-n',
      '2',
    ],
    environment,
    signal: null,
  });
  return outcome.kind === 'exited' ? checkpointEndOf(outcome, data.checkpointLsn, wal) : null;
}

async function statsOf(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}
