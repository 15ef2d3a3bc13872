import type { PostgresProcess } from '../../../domain/postgres-report.ts';

/**
 * Names one start of a server: between two of them the directory may have been rewound or replaced, so nothing that was
 * read of the first holds for the second. `null`: none runs, and anybody may change what lies there.
 */
export type ServerLife = string | null;

export function serverLife(process: PostgresProcess): ServerLife {
  return process.kind === 'running' ? `${String(process.pid)} ${String(process.startedAt)}` : null;
}
