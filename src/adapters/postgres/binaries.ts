import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { LocalPostgresConfig } from '../../domain/agent-config.ts';
import { type Environment, toolEnvironment } from './process/environment.ts';
import { runTool } from './process/tool.ts';
import { parseToolVersion } from './version.ts';

export type ToolName = 'initdb' | 'pg_basebackup' | 'pg_controldata' | 'pg_rewind' | 'pg_waldump' | 'postgres';

/** The program of that name: replaced by configuration, below `bin_dir`, or left to PATH. */
export function toolPath(config: Pick<LocalPostgresConfig, 'binDir' | 'binNames'>, tool: ToolName): string {
  const name = config.binNames[tool] ?? tool;
  return config.binDir === '' ? name : join(config.binDir, name);
}

/** Names under which this server's processes run. */
export function postgresNames(config: Pick<LocalPostgresConfig, 'binDir' | 'binNames'>): ReadonlySet<string> {
  return new Set(['postgres', 'postmaster', basename(toolPath(config, 'postgres'))]);
}

export type ServerProgram = {
  /** `150018`; `null`: it did not say. */
  readonly version: number | null;
  /** Names that `postgres --describe-config` prints. */
  readonly parameterNames: ReadonlySet<string>;
};

/** What the installed server can do. Asked once per installed file: an upgrade replaces it. */
export function serverProgramReader(
  config: Pick<LocalPostgresConfig, 'binDir' | 'binNames'>,
  environment: Environment,
): () => Promise<ServerProgram> {
  const path = toolPath(config, 'postgres');
  let known: { readonly stamp: string; readonly program: ServerProgram } | null = null;
  return async () => {
    const stamp = stampOf(path);
    if (known?.stamp === stamp) return known.program;
    const program = await readProgram(path, environment);
    // While a package is being replaced, or memory is short, it may say nothing; that is no answer to remember.
    const isTold = program.version !== null && program.parameterNames.size > 0;
    known = isTold ? { stamp, program } : null;
    return program;
  };
}

async function readProgram(path: string, environment: Environment): Promise<ServerProgram> {
  const call = { command: path, environment: toolEnvironment(environment), signal: null };
  const [version, description] = await Promise.all([
    runTool({ ...call, args: ['--version'] }),
    runTool({ ...call, args: ['--describe-config'] }),
  ]);
  const names = description.kind === 'exited' ? description.stdout.split('\n').map((line) => line.split('\t')[0]) : [];
  return {
    version: version.kind === 'exited' ? parseToolVersion(version.stdout) : null,
    parameterNames: new Set(names.filter((name) => name !== undefined && name !== '').map((name) => `${name}`)),
  };
}

/** A path looked up in PATH has no stamp of its own and is asked once. */
function stampOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? path : `${stats.ino}:${stats.mtimeMs}:${stats.size}`;
}
