import type { LogFields, LogLevel } from '../../ports/log.ts';
import { formatTime, usualTime } from './time-pattern.ts';

/** One thing to tell. */
export type LogRecord = {
  readonly at: Date;
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: LogFields;
};

/**
 * What a field of that name is in this record: those that Python's logging knows, then those of the event itself.
 * @returns `null`: there is no such field.
 */
export function fieldOf(record: LogRecord, name: string, dateFormat: string | null): string | number | null {
  const { at, level, event, fields } = record;
  switch (name) {
    case 'asctime':
      return dateFormat === null ? usualTime(at) : formatTime(dateFormat, at);
    case 'levelname':
      return LEVEL_NAMES[level];
    case 'levelno':
      return LEVEL_NUMBERS[level];
    case 'message':
    case 'msg':
      return messageOf(record);
    case 'name':
    case 'module':
    case 'funcName':
      return event;
    case 'created':
      return at.getTime() / 1000;
    case 'msecs':
      return at.getMilliseconds();
    case 'relativeCreated':
      return Math.round(at.getTime() - performance.timeOrigin);
    case 'process':
      return process.pid;
    case 'processName':
    case 'threadName':
      return 'MainProcess';
    case 'thread':
    case 'lineno':
      return 0;
    case 'pathname':
    case 'filename':
      return 'matriarch';
    default: {
      const own = fields[name];
      return typeof own === 'boolean' ? String(own) : (own ?? null);
    }
  }
}

const LEVEL_NAMES = { debug: 'DEBUG', info: 'INFO', warn: 'WARNING', error: 'ERROR' } as const;
const LEVEL_NUMBERS = { debug: 10, info: 20, warn: 30, error: 40 } as const;

/** `decision action=stay rule=lead`: the event, and what belongs to it. */
function messageOf({ event, fields }: LogRecord): string {
  const text = Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${quoted(String(value))}`);
  return [event, ...text].join(' ');
}

function quoted(value: string): string {
  return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}
