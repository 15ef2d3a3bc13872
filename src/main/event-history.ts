import { join } from 'node:path';
import { openEventFile } from '../adapters/event-file/open-event-file.ts';
import type { AgentConfig } from '../domain/agent-config.ts';
import type { EventHistory } from '../ports/event-history.ts';
import type { Log } from '../ports/log.ts';

/**
 * The history of this member: a file beside the data directory, which outlives the data; or in the folder that
 * `MATRIARCH_STATE_DIR` names.
 */
export function openHistory(config: AgentConfig, stateDir: string | undefined, log: Log): Promise<EventHistory> {
  const { scope, name, postgres } = config;
  const path =
    stateDir === undefined || stateDir === ''
      ? `${postgres.dataDir.replace(/\/+$/, '')}.events.jsonl`
      : join(stateDir, `${scope}-${name}.events.jsonl`.replaceAll('/', '_'));
  return openEventFile({ path, onTrouble: (reason) => log.write('warn', 'event-history', { path, reason }) });
}

/** Whatever is worth a line for people is worth one in the history: what a person debugs with is not. */
export function recordingLog(log: Log, history: EventHistory, member: string): Log {
  return {
    write(level, event, fields): void {
      log.write(level, event, fields);
      if (level === 'debug') return;
      const { rule = null, ...facts } = fields;
      const at = new Date().toISOString();
      history.record({ at, member, event, rule: rule === null ? null : String(rule), level, facts });
    },
  };
}
