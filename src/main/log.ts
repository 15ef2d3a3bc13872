import type { AgentConfig } from '../domain/agent-config.ts';
import type { Log, LogFields, LogLevel } from '../ports/log.ts';

const order: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];

/** Lines to standard error: `2026-01-31 10:20:30.123 info decision action=stay rule=lead`, or one JSON object each. */
export function createLog(
  initial: AgentConfig['log'],
  write: (line: string) => void,
): Log & { configure(settings: AgentConfig['log']): void } {
  let settings = initial;
  return {
    configure(wanted) {
      settings = wanted;
    },
    write(level, event, fields): void {
      if (order.indexOf(level) > order.indexOf(settings.level)) return;
      const at = new Date().toISOString();
      write(
        settings.format === 'json'
          ? `${JSON.stringify({ at, level, event, ...fields })}\n`
          : plain(at, level, event, fields),
      );
    },
  };
}

function plain(at: string, level: LogLevel, event: string, fields: LogFields): string {
  const text = Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${quoted(String(value))}`);
  return `${[at.replace('T', ' ').replace('Z', ''), level, event, ...text].join(' ')}\n`;
}

function quoted(value: string): string {
  return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}
