import { type Millis, millis } from '../../domain/time.ts';
import type { WatchdogReport, WatchdogSettings } from '../../domain/watchdog.ts';
import { isObject, numberIn } from './fields.ts';

/** @returns `null`: none is wanted, which is said in so many words. */
export function watchdogSettingsIn(value: unknown): WatchdogSettings | null | 'unreadable' {
  if (value === null) return null;
  if (!isObject(value)) return 'unreadable';
  const { device, driver } = value;
  const [timeout, shortest, longest] = [span(value, 'timeout'), span(value, 'shortest'), span(value, 'longest')];
  if (typeof device !== 'string' || (driver !== 'linux' && driver !== 'testing')) return 'unreadable';
  if (timeout === null || shortest === null || longest === null) return 'unreadable';
  const isRequired = value['isRequired'] === true;
  const isNamed = value['isNamed'] === true;
  return { device, driver, timeout, shortest, longest, isRequired, isNamed };
}

/** @returns `null`: nothing that can be read. */
export function watchdogReportIn(value: unknown): WatchdogReport | null {
  if (!isObject(value)) return null;
  const { kind, reason } = value;
  switch (kind) {
    case 'off':
    case 'usable':
      return { kind };
    case 'active': {
      const timeout = span(value, 'timeout');
      return timeout === null ? null : { kind, timeout };
    }
    case 'failed':
      return { kind, reason: typeof reason === 'string' ? reason : 'it does not say why' };
    default:
      return null;
  }
}

function span(fields: Readonly<Record<string, unknown>>, name: string): Millis | null {
  const value = numberIn(fields, name);
  return value === null ? null : millis(value);
}
