import type { WatchdogReport } from '../../domain/watchdog.ts';
import type { LogFields, LogLevel } from '../../ports/log.ts';
import type { Settings } from '../state.ts';

type LogLine = { readonly level: LogLevel; readonly event: 'watchdog'; readonly fields: LogFields };

/** How the watchdog is, for people. That the usual device is not there is no news where nobody asked for one. */
export function watchdogLine(report: WatchdogReport, settings: Settings | null): LogLine {
  const wanted = settings?.watchdog;
  const line = (level: LogLevel, fields: LogFields): LogLine => ({ level, event: 'watchdog', fields });
  switch (report.kind) {
    case 'off':
      return line('debug', { state: 'off' });
    case 'usable':
      return line(wanted?.isNamed === true ? 'info' : 'debug', { state: 'usable', device: wanted?.device ?? null });
    case 'active': {
      const isLonger = wanted !== undefined && report.timeout > wanted.timeout;
      const fields = { state: 'active', device: wanted?.device ?? null, timeout: report.timeout / 1_000 };
      return line(isLonger ? 'warn' : 'info', isLonger ? { ...fields, askedFor: wanted.timeout / 1_000 } : fields);
    }
    case 'failed': {
      const level = wanted?.isRequired === true ? 'error' : wanted?.isNamed === true ? 'warn' : 'debug';
      return line(level, { state: 'failed', device: wanted?.device ?? null, reason: report.reason });
    }
  }
}
