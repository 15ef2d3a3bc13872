import type { Log } from '../../../ports/log.ts';
import type { ServerProgram } from '../binaries.ts';
import { RECOVERY_SETTINGS } from './recovery-settings.ts';

/**
 * The parameters that this server knows. An unknown one would keep it from starting. Names with a dot belong to
 * extensions, which PostgreSQL accepts unseen.
 */
export function acceptedParameters(
  parameters: Readonly<Record<string, string>>,
  program: ServerProgram,
  log: Log,
): Readonly<Record<string, string>> {
  const accepted: Record<string, string> = {};
  for (const [name, value] of Object.entries(parameters)) {
    if (RECOVERY_SETTINGS.has(name)) continue;
    if (isKnown(name, program)) accepted[name] = value;
    else log.write('warn', 'parameter-unknown', { name, serverVersion: program.version });
  }
  return accepted;
}

/** A server that did not describe itself is trusted to know what it is given: it says so itself when it does not. */
function isKnown(name: string, program: ServerProgram): boolean {
  if (program.parameterNames.size === 0 || name.includes('.')) return true;
  return program.parameterNames.has(name) || NOT_DESCRIBED.has(name);
}

/** What `postgres --describe-config` keeps to itself although a configuration file may set it. */
const NOT_DESCRIBED: ReadonlySet<string> = new Set(['allow_in_place_tablespaces', 'allow_system_table_mods']);
