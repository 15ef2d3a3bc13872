import { describe, expect, test } from 'vitest';
import { HeartbeatRig, SELF, TTL } from '../../test/support/heartbeat-rig.ts';
import { renewalInterval } from '../domain/renewal-interval.ts';
import { later, millis, seconds } from '../domain/time.ts';
import type { WatchdogReport, WatchdogSettings } from '../domain/watchdog.ts';
import type { GuardianMessage } from '../ports/guardian.ts';
import { leaseFact } from './publish.ts';

const settings: WatchdogSettings = {
  device: '/dev/watchdog',
  driver: 'linux',
  timeout: seconds(3),
  shortest: seconds(3),
  longest: seconds(3),
  isRequired: true,
  isNamed: true,
};
const active: WatchdogReport = { kind: 'active', timeout: seconds(3) };

function wanting(
  watchdog: WatchdogSettings | null = settings,
  said: WatchdogReport | 'knows of none' = active,
): HeartbeatRig {
  const rig = new HeartbeatRig();
  if (said !== 'knows of none') rig.guardian.watchdog = said;
  rig.happen({ kind: 'started' });
  configure(rig, watchdog);
  return rig;
}

function configure(rig: HeartbeatRig, watchdog: WatchdogSettings | null, paused = false): void {
  const common = { kind: 'configure', ttl: TTL, steppedWithin: TTL, paused } as const;
  rig.command(watchdog === null ? common : { ...common, watchdog });
}

const told = (rig: HeartbeatRig): readonly (WatchdogSettings | null)[] =>
  rig.guardian.heard.flatMap((each) => (each.kind === 'watchdog' ? [each.settings] : []));
const reported = (rig: HeartbeatRig): WatchdogReport | undefined => rig.reports.at(-1)?.watchdog;

describe('the settings', () => {
  test('reach the guardian, and what it says of the device reaches the agent', () => {
    const rig = wanting();

    expect(told(rig)).toEqual([settings]);
    expect(reported(rig)).toEqual(active);
  });

  test('reach each guardian anew', () => {
    const rig = wanting();
    rig.guardianSays({ kind: 'lost', reason: 'killed' });

    expect(told(rig)).toEqual([settings, settings]);
  });

  test('are told when they change, and when none is wanted any more', () => {
    const rig = wanting();
    const other = { ...settings, timeout: seconds(4) };
    configure(rig, other);
    configure(rig, other);
    configure(rig, null);

    expect(told(rig)).toEqual([settings, other, null]);
    expect(reported(rig)).toBeUndefined();
  });

  test('are told before a deadline that is shorter than before', () => {
    const rig = wanting();
    rig.command({ kind: 'acquire' });
    const before = rig.guardian.heard.length;
    const shorter = { ...settings, timeout: seconds(2) };
    rig.command({ kind: 'configure', ttl: seconds(4), steppedWithin: TTL, paused: false, watchdog: shorter });
    rig.pass(100);

    const kinds = rig.guardian.heard.slice(before).map((each) => each.kind);
    expect(kinds.indexOf('watchdog')).toBeLessThan(kinds.indexOf('arm'));
  });

  test('of an agent that was there before stay as they are until the new one has said something', () => {
    const found = (wanted: WatchdogSettings | null): HeartbeatRig => {
      const rig = new HeartbeatRig();
      rig.happen({ kind: 'started' });
      rig.guardianSays({ kind: 'hello', pid: 1, armedUntil: rig.now, watchdog: active });
      expect(told(rig)).toEqual([]);
      configure(rig, wanted);
      return rig;
    };

    expect(told(found(settings))).toEqual([settings]);
    expect(told(found(null))).toEqual([null]);
  });

  test('are of no interest to a guardian where none is wanted', () => {
    expect(told(wanting(null))).toEqual([]);
  });
});

test('a guardian of a version that knows of none counts as one whose watchdog failed', () => {
  const rig = wanting(settings, 'knows of none');

  expect(reported(rig)?.kind).toBe('failed');
  expect(told(rig)).toEqual([]);
});

describe('a promotion under a required watchdog', () => {
  const mayPromote = (rig: HeartbeatRig): boolean => leaseFact(rig.state, rig.now).guardianReady;

  test('asks for one that is open', () => {
    expect(mayPromote(wanting())).toBe(true);
    expect(mayPromote(wanting(settings, { kind: 'usable' }))).toBe(false);
    expect(mayPromote(wanting(settings, { kind: 'failed', reason: 'busy' }))).toBe(false);
  });

  test('waits for the word of a guardian that took another’s place', () => {
    const rig = wanting();
    rig.guardian.watchdog = { kind: 'usable' };
    rig.guardianSays({ kind: 'lost', reason: 'killed' });

    expect(mayPromote(rig)).toBe(false);
  });

  test('waits for an answer after both were frozen: the guardian has perhaps closed it on waking (seed 13506337)', () => {
    const after = (span: number): HeartbeatRig => {
      const rig = wanting();
      rig.command({ kind: 'acquire' });
      rig.guardian.mode = 'hung';
      rig.now = later(rig.now, millis(span));
      rig.happen({ kind: 'timer' });
      return rig;
    };
    const frozen = after(2_500);
    const { number } = frozen.guardian.heard.at(-1)!;

    expect(mayPromote(after(renewalInterval(TTL)))).toBe(true);
    expect(mayPromote(frozen)).toBe(false);
    frozen.guardianSays({ kind: 'pong', number });
    expect(mayPromote(frozen)).toBe(true);
  });

  test('does not, where it is not required, or the cluster is paused', () => {
    expect(mayPromote(wanting({ ...settings, isRequired: false }, { kind: 'usable' }))).toBe(true);
    const paused = wanting(settings, { kind: 'usable' });
    configure(paused, settings, true);
    expect(mayPromote(paused)).toBe(true);
  });
});

describe('a lock that was sought in vain', () => {
  const rests = (rig: HeartbeatRig): GuardianMessage | undefined =>
    rig.guardian.heard.findLast((each) => each.kind === 'disarm');

  test('says nothing of PostgreSQL: the one that was found may run on, and a device count for it (seed 10012239)', () => {
    const rig = wanting();
    rig.store.takenBy(SELF);
    rig.store.mode = 'held-back';
    const id = rig.adopt();
    rig.loseOldest('never-saw-it');
    rig.store.mode = 'answers';
    rig.answerWaiting();

    expect(rig.outcomeOf(id)).toEqual({ kind: 'lost', why: 'the lock is on another lease' });
    expect(rests(rig)).toMatchObject({ isUnproven: true });
    rig.command({ kind: 'disarm', evidence: 'a standby' });
    expect(rests(rig)).not.toHaveProperty('isUnproven');
  });

  test('one that is released leaves nothing to guard', () => {
    const rig = wanting();
    rig.command({ kind: 'acquire' });
    rig.command({ kind: 'release', createRevision: rig.store.lock!.createRevision, status: null });

    expect(rests(rig)).toBeDefined();
    expect(rests(rig)).not.toHaveProperty('isUnproven');
  });
});
