import { instant } from '../../domain/time.ts';
import type { GuardianMessage, GuardianReport } from '../../ports/guardian.ts';
import { type Fields, numberIn, objectIn } from './fields.ts';
import { watchdogReportIn, watchdogSettingsIn } from './watchdog-fields.ts';

/**
 * What heartbeat and guardian say to each other: one JSON object per line. The two may be of different versions (an
 * agent is upgraded while its guardian lives), so a line that is not understood is `null`, and is ignored.
 * Written without a schema library, because the guardian has to stay small.
 */
export function parseGuardianMessage(line: string): GuardianMessage | null {
  const fields = objectIn(line);
  const number = numberIn(fields, 'number');
  if (number === null) return null;
  switch (fields['kind']) {
    case 'arm': {
      const deadline = numberIn(fields, 'deadline');
      if (deadline === null) return null;
      const arm = { kind: 'arm', number, deadline: instant(deadline) } as const;
      return fields['isUnproven'] === true ? { ...arm, isUnproven: true } : arm;
    }
    case 'disarm': {
      const { evidence } = fields;
      const disarm = { kind: 'disarm', number, evidence: typeof evidence === 'string' ? evidence : '' } as const;
      return fields['isUnproven'] === true ? { ...disarm, isUnproven: true } : disarm;
    }
    case 'watchdog': {
      const settings = watchdogSettingsIn(fields['settings']);
      return settings === 'unreadable' ? null : { kind: 'watchdog', number, settings };
    }
    case 'confirm-quiet':
    case 'ping':
    case 'retire':
      return { kind: fields['kind'], number };
    default:
      return null;
  }
}

/** The reports that a guardian itself makes; `connected` and `lost` are the connection's own. */
export function parseGuardianReport(line: string): GuardianReport | null {
  const fields = objectIn(line);
  const { kind } = fields;
  if (kind === 'hello') return hello(fields);
  if (kind === 'fencing') return fencing(fields);
  if (kind === 'watchdog') {
    const watchdog = watchdogReportIn(fields['watchdog']);
    return watchdog === null ? null : { kind, watchdog };
  }
  const number = numberIn(fields, 'number');
  if (number === null) return null;
  switch (kind) {
    case 'armed': {
      const deadline = numberIn(fields, 'deadline');
      return deadline === null ? null : { kind, number, deadline: instant(deadline) };
    }
    case 'busy': {
      const processCount = numberIn(fields, 'processCount');
      return processCount === null ? null : { kind, number, processCount };
    }
    case 'disarmed':
    case 'quiet':
    case 'pong':
      return { kind, number };
    default:
      return null;
  }
}

export function guardianLine(said: GuardianMessage | GuardianReport): string {
  return `${JSON.stringify(said)}\n`;
}

function hello(fields: Fields): GuardianReport | null {
  const pid = numberIn(fields, 'pid');
  const armedUntil = numberIn(fields, 'armedUntil');
  // Absent or unreadable is not "not armed".
  if (pid === null || (armedUntil === null && fields['armedUntil'] !== null)) return null;
  const known = { kind: 'hello', pid, armedUntil: armedUntil === null ? null : instant(armedUntil) } as const;
  const watchdog = watchdogReportIn(fields['watchdog']);
  return watchdog === null ? known : { ...known, watchdog };
}

function fencing(fields: Fields): GuardianReport | null {
  const deadline = numberIn(fields, 'deadline');
  const { step } = fields;
  if (deadline === null || (step !== 'fast-stop' && step !== 'hard-fence' && step !== 'fenced')) return null;
  return { kind: 'fencing', step, deadline: instant(deadline) };
}
