import { describe, expect, test } from 'vitest';
import { instant, seconds } from '../../domain/time.ts';
import type { WatchdogReport } from '../../domain/watchdog.ts';
import type { GuardianMessage, GuardianReport } from '../../ports/guardian.ts';
import { guardianLine, parseGuardianMessage, parseGuardianReport } from './lines.ts';

const settings = {
  device: '/dev/watchdog',
  driver: 'linux',
  timeout: seconds(25),
  shortest: seconds(10),
  longest: seconds(25),
  isRequired: true,
  isNamed: false,
} as const;

describe('what the heartbeat says', () => {
  test.each<GuardianMessage>([
    { kind: 'arm', number: 1, deadline: instant(5) },
    { kind: 'arm', number: 1, deadline: instant(5), isUnproven: true },
    { kind: 'disarm', number: 2, evidence: 'stopped' },
    { kind: 'disarm', number: 2, evidence: 'the lock is not mine', isUnproven: true },
    { kind: 'watchdog', number: 3, settings },
    { kind: 'watchdog', number: 3, settings: null },
    { kind: 'ping', number: 4 },
  ])('$kind is heard as it was said', (message) => {
    expect(parseGuardianMessage(guardianLine(message))).toEqual(message);
  });

  test('a watchdog that cannot be read is not one that is not wanted', () => {
    expect(parseGuardianMessage('{"kind":"watchdog","number":1}')).toBeNull();
    expect(parseGuardianMessage('{"kind":"watchdog","number":1,"settings":{"device":"/dev/watchdog"}}')).toBeNull();
  });
});

describe('what the guardian says', () => {
  const reports: readonly WatchdogReport[] = [
    { kind: 'off' },
    { kind: 'usable' },
    { kind: 'active', timeout: seconds(25) },
    { kind: 'failed', reason: 'busy' },
  ];

  test.each<GuardianReport>([
    ...reports.map((watchdog) => ({ kind: 'watchdog', watchdog }) as const),
    { kind: 'hello', pid: 7, armedUntil: null, watchdog: { kind: 'usable' } },
    { kind: 'hello', pid: 7, armedUntil: instant(5) },
    { kind: 'pong', number: 1 },
  ])('$kind is heard as it was said', (report) => {
    expect(parseGuardianReport(guardianLine(report))).toEqual(report);
  });

  test('a watchdog whose state is not known here is not heard', () => {
    expect(parseGuardianReport('{"kind":"watchdog","watchdog":{"kind":"melted"}}')).toBeNull();
  });
});
