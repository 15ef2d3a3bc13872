import type { LogConfig } from '../../domain/agent-config.ts';
import type { JsonObject } from '../../domain/json.ts';
import { renderJson } from '../../wire/json.ts';
import { onOneLine } from '../control-characters.ts';
import { fieldOf, type LogRecord } from './record.ts';

/** How records become lines under these settings; each ends in a line break. */
export function lineRenderer(settings: LogConfig): (record: LogRecord) => string {
  const dateFormat = settings.dateFormat ?? null;
  const shortened = settings.tracebacks === 'debug' && settings.level !== 'debug';
  const render = settings.format === 'json' ? jsonRenderer(settings, dateFormat) : plainRenderer(settings, dateFormat);
  return (record) => render(shortened ? withoutTraces(record) : record);
}

const USUAL = '%(asctime)s %(levelname)s: %(message)s';

function plainRenderer({ template = USUAL }: LogConfig, dateFormat: string | null): (record: LogRecord) => string {
  return (record) =>
    `${template.replaceAll(
      PLACEHOLDER,
      (whole, name: string | undefined, flags: string, width: string, precision: string | undefined) => {
        if (whole === '%%' || name === undefined) return '%';
        const value = fieldOf(record, name, dateFormat);
        const text = value === null ? '' : onOneLine(String(value));
        const cut = precision === undefined ? text : text.slice(0, Number(precision.slice(1)));
        const pad = flags.includes('0') && typeof value === 'number' ? '0' : ' ';
        return flags.includes('-') ? cut.padEnd(Number(width)) : cut.padStart(Number(width), pad);
      },
    )}\n`;
}

/** `%(levelname)-8s`, and `%%` for a percent sign. */
const PLACEHOLDER = /%%|%\((\w+)\)([-+ #0]*)(\d*)(\.\d+)?[sdifrxg]/g;

/** Without a choice of fields everything is there that the event has. */
function jsonRenderer(settings: LogConfig, dateFormat: string | null): (record: LogRecord) => string {
  const { fields, staticFields = {} } = settings;
  return (record) => {
    const { at, level, event } = record;
    const line: JsonObject =
      fields === undefined
        ? { at: at.toISOString(), level, event, ...record.fields }
        : Object.fromEntries(fields.map(({ field, name }) => [name, fieldOf(record, field, dateFormat)] as const));
    return `${renderJson({ ...line, ...staticFields })}\n`;
  };
}

/** Where a defect happened is many lines; what happened is the first of them. */
function withoutTraces(record: LogRecord): LogRecord {
  const fields = Object.entries(record.fields).map(([name, value]) => {
    const isTrace = typeof value === 'string' && /\n\s+at /.test(value);
    return [name, isTrace ? (value.split('\n')[0] ?? value) : value] as const;
  });
  return { ...record, fields: Object.fromEntries(fields) };
}
