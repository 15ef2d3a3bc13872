import type { LogConfig, LogThreshold } from '../../domain/agent-config.ts';
import { isJsonList, isJsonObject, type Json } from '../../domain/json.ts';
import { parseInteger } from '../../domain/quantity.ts';
import { textForm } from '../../domain/text-form.ts';
import type { Section } from './section.ts';
import { notice, problem, subsection, text } from './section.ts';

/** How much is logged, where, and in which form (spec/config.md 9.2). */
export function readLog(root: Section): LogConfig {
  const section = subsection(root, 'log');
  const configured = text(section, 'level') ?? 'INFO';
  const level = LEVELS.get(configured.toUpperCase());
  if (level === undefined) problem(section, 'level', `"${configured}" must be one of DEBUG, INFO, WARNING, ERROR`);
  const format = text(section, 'type') === 'json' ? 'json' : 'plain';
  const staticFields = subsection(section, 'static_fields').values;
  const dateFormat = readDateFormat(section);
  return {
    level: level ?? 'info',
    format,
    ...(format === 'json' ? readFields(section) : readTemplate(section)),
    ...(dateFormat !== null && { dateFormat }),
    ...(Object.keys(staticFields).length > 0 && { staticFields }),
    ...readQueue(section),
    ...readFile(section),
    ...(text(section, 'traceback_level')?.toLowerCase() === 'debug' && { tracebacks: 'debug' as const }),
    ...readLevels(section),
  };
}

/** The numbers are those of Python's logging, which Patroni takes as well. */
const LEVELS: ReadonlyMap<string, LogThreshold> = new Map([
  ['DEBUG', 'debug'],
  ['10', 'debug'],
  ['INFO', 'info'],
  ['20', 'info'],
  ['WARN', 'warn'],
  ['WARNING', 'warn'],
  ['30', 'warn'],
  ['ERROR', 'error'],
  ['40', 'error'],
  ['FATAL', 'error'],
  ['CRITICAL', 'error'],
  ['50', 'error'],
]);

function readTemplate(section: Section): Pick<LogConfig, 'template'> {
  const { format } = section.values;
  if (format === undefined || format === null || format === '') return {};
  if (typeof format === 'string') return { template: format };
  notice(section, 'format', 'is a list, which is for JSON lines: plain ones have their usual form');
  return {};
}

/** A text names the fields that it would show; a list names them one by one, a map in it under another name. */
function readFields(section: Section): Pick<LogConfig, 'fields'> {
  const { format } = section.values;
  if (format === undefined || format === null) return {};
  if (typeof format === 'string') {
    const named = [...format.matchAll(/%\((\w+)\)/g)].map(([, field = '']) => ({ field, name: field }));
    return named.length === 0 ? {} : { fields: named };
  }
  const items: readonly Json[] = isJsonList(format) ? format : [format];
  const fields = items.flatMap((item) => {
    if (typeof item === 'string') return [{ field: item, name: item }];
    const pairs = isJsonObject(item) ? Object.entries(item) : [];
    const renamed = pairs.flatMap(([field, name]) => (typeof name === 'string' ? [{ field, name }] : []));
    if (renamed.length === 0) notice(section, 'format', `${textForm(item)} names no field, and is left out`);
    return renamed;
  });
  return fields.length === 0 ? {} : { fields };
}

function readDateFormat(section: Section): string | null {
  const { dateformat } = section.values;
  if (dateformat === undefined || dateformat === null || dateformat === '') return null;
  if (typeof dateformat === 'string') return dateformat;
  notice(section, 'dateformat', 'is no text like %Y-%m-%d, and has no effect');
  return null;
}

function readQueue(section: Section): Pick<LogConfig, 'queueMax'> {
  const queueMax = positive(section, 'max_queue_size', QUEUE);
  return queueMax === QUEUE ? {} : { queueMax };
}

const QUEUE = 1000;

function readFile(section: Section): Pick<LogConfig, 'file'> {
  const folder = text(section, 'dir');
  if (folder === null) return {};
  const mode = section.values['mode'];
  const bits = mode === undefined || mode === null ? null : parseInteger(mode);
  const isMode = bits !== null && bits >= 0 && bits <= 0o777;
  if (mode !== undefined && mode !== null && !isMode)
    notice(section, 'mode', 'is no mode like 0644, and has no effect');
  return {
    file: {
      folder,
      mode: isMode ? bits : null,
      kept: positive(section, 'file_num', 4),
      bytesMax: positive(section, 'file_size', 25_000_000),
    },
  };
}

function positive(section: Section, key: string, otherwise: number): number {
  const value = section.values[key];
  if (value === undefined || value === null) return otherwise;
  const number = parseInteger(value);
  if (number !== null && number > 0) return number;
  notice(section, key, `${textForm(value)} is no number above 0: ${otherwise} holds`);
  return otherwise;
}

/** Loggers are events here; those of Patroni's modules and libraries are nobody's. */
function readLevels(section: Section): Pick<LogConfig, 'levels'> {
  const loggers = subsection(section, 'loggers');
  const levels = Object.entries(loggers.values).flatMap(([event, configured]) => {
    const level = LEVELS.get(textForm(configured).toUpperCase());
    if (level === undefined) notice(loggers, event, `${textForm(configured)} is no level, and has no effect`);
    if (/[.\d]/.test(event) || event === 'patroni')
      notice(loggers, event, 'has no effect: here each event is a logger');
    return level === undefined ? [] : [[event, level] as const];
  });
  return levels.length === 0 ? {} : { levels: Object.fromEntries(levels) };
}
