import { resolve } from 'node:path';
import type { DesiredPostgres } from '../../../domain/desired-postgres.ts';

const DEFAULT_LOG_DIRECTORY = 'log';

/**
 * Where a server that was started with these parameters says why it ended, for a person: where the agent's own lines go
 * until a logging collector takes over, and then in the collector's folder.
 */
export function ownLogOf({ parameters }: Pick<DesiredPostgres, 'parameters'>, dataDir: string): string {
  const here = 'its own lines, above,';
  if (!isOn(parameters['logging_collector'])) return here;
  return `${here} or in ${resolve(dataDir, parameters['log_directory'] ?? DEFAULT_LOG_DIRECTORY)}`;
}

/** As PostgreSQL reads a boolean: any beginning of `true` and `yes` will do. */
function isOn(value: string | undefined): boolean {
  return value !== undefined && /^(on|1|t(r(ue?)?)?|y(es?)?)$/i.test(value);
}
