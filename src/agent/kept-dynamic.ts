import type { JsonObject } from '../domain/json.ts';
import type { AgentState } from './state.ts';

/**
 * The dynamic configuration to keep beside the data: as the store has it, with the timings in force.
 * @returns `null`: now is no time to write. No picture of the store was seen, or nothing runs there, and what is not
 * running may be removed, copied or rewound at any moment.
 * @see spec/config.md 6.5
 */
export function dynamicToKeep({ view, dynamic, timings, postgres, task }: AgentState): JsonObject | null {
  const server = postgres?.server.kind;
  if (view === null || task !== null || (server !== 'primary' && server !== 'standby')) return null;
  const { document } = dynamic;
  if (Object.keys(document).length === 0) return null;
  return {
    ...document,
    ttl: timings.ttl / 1000,
    loop_wait: timings.loopWait / 1000,
    retry_timeout: timings.retryTimeout / 1000,
  };
}
