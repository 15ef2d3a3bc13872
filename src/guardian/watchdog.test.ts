import { describe, expect, test } from 'vitest';
import { hardFenceAt } from '../domain/fencing.ts';
import { type Instant, instant, later, type Millis, millis, seconds } from '../domain/time.ts';
import type { WatchdogReport, WatchdogSettings } from '../domain/watchdog.ts';
import type { GuardianEffect, GuardianEvent, GuardianMessage } from '../ports/guardian.ts';
import type { WatchdogAction, WatchdogAnswer } from '../ports/watchdog.ts';
import { type GuardianState, initialGuardian } from './state.ts';
import { stepGuardian } from './step.ts';
import { LONELY_LIMIT, WATCHDOG_AGAIN_AFTER } from './timing.ts';

type Happening<E = GuardianEvent> = E extends GuardianEvent ? Omit<E, 'at'> : never;
type Told<M = GuardianMessage> = M extends GuardianMessage ? Omit<M, 'number'> : never;

const T = seconds(25);
const settings: WatchdogSettings = {
  device: '/dev/watchdog',
  driver: 'linux',
  timeout: T,
  shortest: seconds(10),
  longest: T,
  isRequired: true,
  isNamed: true,
};
const START = instant(100_000);
const D = later(START, seconds(30));

/** A guardian with a device that fires, on a clock that a test turns. */
class Rig {
  now: Instant = START;
  state: GuardianState = initialGuardian({ pid: 7, at: this.now });
  postgres: 'runs' | 'does not die' | 'is gone' = 'runs';
  readonly device = new Device();
  readonly log: string[] = [];
  report: WatchdogReport | null = null;
  hasEnded = false;
  readonly #queue: Happening[] = [];

  static wanting(change: Partial<WatchdogSettings> = {}): Rig {
    const rig = new Rig();
    rig.happen({ kind: 'started' });
    rig.happen({ kind: 'connected' });
    rig.tell({ kind: 'watchdog', settings: { ...settings, ...change } });
    return rig;
  }

  static armed(change: Partial<WatchdogSettings> = {}): Rig {
    const rig = Rig.wanting(change);
    rig.tell({ kind: 'arm', deadline: D });
    return rig;
  }

  tell(message: Told): void {
    this.happen({ kind: 'message', message: { ...message, number: 1 } });
  }

  happen(happening: Happening): void {
    this.#queue.push(happening);
    if (this.#queue.length > 1) return;
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const stepped = stepGuardian(this.state, { at: this.now, ...next });
      this.state = stepped.state;
      for (const effect of stepped.effects) this.#perform(effect);
      this.#queue.shift();
    }
  }

  #perform(effect: GuardianEffect): void {
    if (effect.kind === 'end') this.hasEnded = true;
    if (effect.kind === 'log') this.log.push(effect.event);
    if (effect.kind === 'send' && effect.report.kind === 'watchdog') this.report = effect.report.watchdog;
    if (effect.kind === 'watchdog') {
      const answer = this.device.act(effect.action, this.now);
      if (answer !== null) this.happen({ kind: 'watchdog-answered', answer });
    }
    if (effect.kind !== 'hard-fence' && effect.kind !== 'scan') return;
    if (effect.kind === 'hard-fence' && this.postgres === 'runs') this.postgres = 'is gone';
    const processes = this.postgres === 'is gone' ? { postmaster: null, others: [] } : { postmaster: 1, others: [2] };
    this.happen({ kind: 'scanned', processes });
  }

  /** @param late by how much timers are. */
  until(end: Instant, late = 0): void {
    for (let steps = 0; this.now < end; steps += 1) {
      if (steps > 1_000) throw new Error('it is woken all the time');
      const due = this.state.timerAt === null ? end : later(this.state.timerAt, millis(late));
      this.now = due < end ? due : end;
      if (this.state.timerAt !== null && this.now >= this.state.timerAt) this.happen({ kind: 'timer' });
    }
  }
}

/** `kept`: closing it does not stop it. */
class Device {
  firesAt: Instant | null = null;
  opened = false;
  problem: string | null = null;
  opens: 'well' | 'not' = 'well';
  magicClose = true;
  /** What it makes of a time-out. */
  rounds = (timeout: Millis): Millis => timeout;
  timeout: Millis = seconds(60);
  readonly fed: Instant[] = [];

  act(action: WatchdogAction, now: Instant): WatchdogAnswer | null {
    switch (action.kind) {
      case 'probe':
        return { kind: 'probed', problem: this.problem, isCounting: this.firesAt !== null };
      case 'open':
        if (this.opens === 'not') return { kind: 'failed', reason: 'it is busy' };
        this.opened = true;
        return this.#set(action.timeout, now);
      case 'set-timeout':
        return this.#set(action.timeout, now);
      case 'feed':
        this.#feed(now);
        return null;
      case 'close':
        this.opened = false;
        if (this.magicClose) this.firesAt = null;
        return null;
    }
  }

  #set(timeout: Millis, now: Instant): WatchdogAnswer {
    this.timeout = this.rounds(timeout);
    this.#feed(now);
    return { kind: 'open', timeout: this.timeout, canClose: this.magicClose };
  }

  #feed(now: Instant): void {
    this.fed.push(now);
    this.firesAt = later(now, this.timeout);
  }
}

describe('while it guards', () => {
  test('it opens the device when it is armed, and says so', () => {
    const rig = Rig.wanting();
    expect(rig.report).toEqual({ kind: 'usable' });
    expect(rig.device.opened).toBe(false);

    rig.tell({ kind: 'arm', deadline: D });
    expect(rig.report).toEqual({ kind: 'active', timeout: T });
  });

  test('with every new deadline it is fed', () => {
    const rig = Rig.armed();
    rig.now = later(START, seconds(5));
    rig.tell({ kind: 'arm', deadline: later(D, seconds(5)) });

    expect(rig.device.firesAt).toBe(later(rig.now, T));
  });

  test('CC172: while something is left to kill it stays open, and without a new deadline it fires just before that one', () => {
    const rig = Rig.armed();
    rig.postgres = 'does not die';
    rig.until(D, 10);

    expect(rig.device.firesAt).toBeLessThan(D);
    expect(rig.device.firesAt).toBeGreaterThan(hardFenceAt(D));
  });

  test('fenced in time it is closed and does not fire', () => {
    const rig = Rig.armed();
    rig.until(D, 10);

    expect(rig.postgres).toBe('is gone');
    expect(rig.device.firesAt).toBeNull();
    expect(rig.report).toEqual({ kind: 'usable' });
  });

  test('while it kills nothing is fed, even when a later deadline comes; afterwards it is', () => {
    const rig = Rig.armed();
    rig.postgres = 'does not die';
    rig.until(hardFenceAt(D));
    const fires = rig.device.firesAt;
    rig.tell({ kind: 'arm', deadline: later(D, seconds(30)) });
    expect(rig.device.firesAt).toBe(fires);

    rig.postgres = 'runs';
    rig.until(later(rig.now, millis(200)));
    expect(rig.device.firesAt).toBe(later(rig.device.fed.at(-1) ?? START, T));
    expect(rig.device.fed.at(-1)).toBeGreaterThan(hardFenceAt(D));
  });

  test('CC171: disarmed it is closed', () => {
    const rig = Rig.armed();
    rig.tell({ kind: 'disarm', evidence: 'a standby' });

    expect(rig.device).toMatchObject({ opened: false, firesAt: null });
  });

  test('switched off it is closed at once', () => {
    const rig = Rig.armed();
    rig.tell({ kind: 'watchdog', settings: null });

    expect(rig.device).toMatchObject({ opened: false, firesAt: null });
    expect(rig.report).toEqual({ kind: 'off' });
  });

  test('armed with too little left it is not opened before the next deadline', () => {
    const rig = Rig.wanting();
    rig.tell({ kind: 'arm', deadline: later(START, seconds(20)) });
    expect(rig.device.opened).toBe(false);
    rig.tell({ kind: 'arm', deadline: D });

    expect(rig.report).toEqual({ kind: 'active', timeout: T });
  });

  test('for a lock that is only being sought it is not opened', () => {
    const rig = Rig.wanting();
    rig.tell({ kind: 'arm', deadline: D, isUnproven: true });
    expect(rig.device.opened).toBe(false);
    rig.tell({ kind: 'arm', deadline: later(D, millis(1)) });

    expect(rig.device.opened).toBe(true);
  });

  test('when every deadline comes too late for it, it has failed', () => {
    const rig = Rig.wanting();
    for (const left of [20, 21, 22, 23]) rig.tell({ kind: 'arm', deadline: later(START, seconds(left)) });

    expect(rig.report?.kind).toBe('failed');
  });

  test('when it cannot be fed any more although the lock is proven anew, it is closed, and has failed', () => {
    const rig = Rig.armed();
    for (let renewals = 1; renewals < 7; renewals += 1) {
      rig.until(later(START, seconds(5 * renewals + 4)), 10);
      // Each proof comes when more than the margin of its own lease is over.
      rig.tell({ kind: 'arm', deadline: later(rig.now, seconds(24)) });
    }

    expect(rig.device).toMatchObject({ opened: false, firesAt: null });
    expect(rig.report?.kind).toBe('failed');
  });

  test('when it is frozen until then, it says so before it answers a ping (seed 13506337)', () => {
    const rig = Rig.armed();
    rig.now = later(START, millis(T - 400));
    const message = { kind: 'ping', number: 2 } as const;
    const { effects } = stepGuardian(rig.state, { kind: 'message', at: rig.now, message });

    const reports = effects.flatMap((each) => (each.kind === 'send' ? [each.report.kind] : []));
    expect(reports).toEqual(['watchdog', 'pong']);
  });

  test('another time-out waits until the deadline allows it', () => {
    const rig = Rig.armed({ timeout: seconds(10), longest: seconds(10) });
    rig.now = later(START, seconds(10));
    rig.tell({ kind: 'watchdog', settings });
    expect(rig.device.timeout).toBe(seconds(10));
    rig.tell({ kind: 'arm', deadline: later(D, seconds(10)) });

    expect(rig.device.timeout).toBe(T);
    expect(rig.report).toEqual({ kind: 'active', timeout: T });
  });
});

describe('a device that is not what was asked for', () => {
  test('one that would fire later is closed again and counts as failed (W23)', () => {
    const rig = Rig.wanting();
    rig.device.rounds = () => seconds(26);
    rig.tell({ kind: 'arm', deadline: D });

    expect(rig.device).toMatchObject({ opened: false, firesAt: null });
    expect(rig.report?.kind).toBe('failed');
  });

  test('it is used where that still fits below the ttl', () => {
    const rig = Rig.wanting({ longest: seconds(29) });
    rig.device.rounds = () => seconds(26);
    // By 29 s, as the device may have it.
    rig.tell({ kind: 'arm', deadline: later(START, seconds(29)) });
    expect(rig.device.opened).toBe(false);
    rig.tell({ kind: 'arm', deadline: D });

    expect(rig.report).toEqual({ kind: 'active', timeout: seconds(26) });
  });

  test('one that cannot be fed regularly is closed again', () => {
    const rig = Rig.wanting();
    rig.device.rounds = () => seconds(9);
    rig.tell({ kind: 'arm', deadline: D });

    expect(rig.device.opened).toBe(false);
    expect(rig.report?.kind).toBe('failed');
  });

  test('one that does not open is tried again after a while, and not before', () => {
    const rig = Rig.wanting();
    rig.device.opens = 'not';
    rig.tell({ kind: 'arm', deadline: D });
    expect(rig.report).toEqual({ kind: 'failed', reason: 'it is busy' });
    rig.device.opens = 'well';
    rig.tell({ kind: 'arm', deadline: later(D, seconds(1)) });
    expect(rig.report?.kind).toBe('failed');
    rig.tell({ kind: 'disarm', evidence: 'given back' });

    rig.now = later(rig.now, WATCHDOG_AGAIN_AFTER);
    rig.tell({ kind: 'ping' });
    expect(rig.report).toEqual({ kind: 'usable' });
  });

  test('whether it may be opened is looked at with every ping', () => {
    const rig = Rig.wanting();
    rig.device.problem = 'no such device';
    rig.tell({ kind: 'ping' });
    expect(rig.report).toEqual({ kind: 'failed', reason: 'no such device' });
    rig.device.problem = null;
    rig.tell({ kind: 'ping' });

    expect(rig.report).toEqual({ kind: 'usable' });
  });
});

describe('a device that closing does not stop', () => {
  function armedForGood(): Rig {
    const rig = Rig.wanting();
    rig.device.magicClose = false;
    rig.tell({ kind: 'arm', deadline: D });
    return rig;
  }

  /** Each renewal is answered late, so that the device cannot be fed for what it proves. */
  function provenLate(renewals: number): Rig {
    const rig = armedForGood();
    for (let done = 1; done <= renewals; done += 1) {
      rig.until(later(START, seconds(5 * done + 4)), 10);
      rig.tell({ kind: 'arm', deadline: later(rig.now, seconds(24)) });
    }
    return rig;
  }

  test('stays open and is fed while nothing is guarded', () => {
    const rig = armedForGood();
    rig.tell({ kind: 'disarm', evidence: 'a standby' });
    rig.until(later(START, seconds(200)));

    expect(rig.device.opened).toBe(true);
    expect(rig.device.firesAt).toBeGreaterThan(rig.now);
  });

  test('seed 10004065: armed for a deadline that came too late to feed it for, it fires before that, if nobody is left', () => {
    const rig = armedForGood();
    rig.tell({ kind: 'disarm', evidence: 'the cluster is paused' });
    rig.until(later(START, seconds(7)));
    rig.tell({ kind: 'arm', deadline: later(D, seconds(1)) });

    expect(rig.device.firesAt).toBe(later(START, T));
  });

  test('a guardian that lives keeps it from firing, fences, and says that it has failed', () => {
    const rig = armedForGood();
    const deadline = later(D, seconds(1));
    rig.tell({ kind: 'disarm', evidence: 'the cluster is paused' });
    rig.until(later(START, seconds(7)));
    rig.tell({ kind: 'arm', deadline });
    rig.until(hardFenceAt(deadline), 10);

    expect(rig.postgres).toBe('is gone');
    expect(rig.device.firesAt).toBeGreaterThan(deadline);
    expect(rig.report?.kind).toBe('failed');
  });

  test('when it cannot be fed any more although the lock is proven anew, it is kept from firing, and has failed', () => {
    const rig = provenLate(6);

    expect(rig.device.firesAt).toBeGreaterThan(later(rig.now, seconds(1)));
    expect(rig.report?.kind).toBe('failed');
  });

  test('it is not of use again before it can be fed for the deadline in force', () => {
    const rig = provenLate(9);
    const deadline = later(rig.now, seconds(24));
    while (rig.now < deadline) {
      rig.until(later(rig.now, millis(100)), 10);
      const isActive = rig.report?.kind === 'active';
      const isInTime = (rig.device.firesAt ?? 0) <= deadline || rig.postgres === 'is gone';
      expect(!isActive || isInTime).toBe(true);
    }
  });

  test('after a while it is of use again', () => {
    const rig = armedForGood();
    rig.tell({ kind: 'arm', deadline: later(D, seconds(10)) });
    rig.tell({ kind: 'disarm', evidence: 'the cluster is paused' });
    rig.until(later(START, seconds(7)));
    rig.tell({ kind: 'arm', deadline: later(D, seconds(1)) });
    rig.until(later(START, seconds(26)));
    expect(rig.report?.kind).toBe('failed');
    for (let renewals = 1; rig.now < later(START, millis(26_000 + WATCHDOG_AGAIN_AFTER)); renewals += 1) {
      rig.tell({ kind: 'arm', deadline: later(rig.now, seconds(30)) });
      rig.until(later(START, seconds(26 + 5 * renewals)));
    }

    const deadline = later(rig.now, seconds(30));
    rig.tell({ kind: 'arm', deadline });
    rig.postgres = 'does not die';
    rig.until(deadline, 10);
    expect(rig.report).toEqual({ kind: 'active', timeout: T });
    expect(rig.device.firesAt).toBeLessThan(deadline);
  });

  test('not wanted any more it is fed all the same, whatever deadline is in force', () => {
    const rig = armedForGood();
    rig.tell({ kind: 'watchdog', settings: null });
    for (let renewals = 1; renewals < 60; renewals += 1) {
      rig.until(later(START, seconds(renewals)));
      rig.tell({ kind: 'arm', deadline: later(rig.now, seconds(5)) });
    }

    expect(rig.device.firesAt).toBeGreaterThan(rig.now);
    expect(rig.report).toEqual({ kind: 'off' });
  });

  test('wanted again it is of use once it is set for a deadline, and not before (seed 32116920)', () => {
    const rig = armedForGood();
    rig.tell({ kind: 'watchdog', settings: null });
    rig.until(later(START, seconds(40)));
    const short = { ...settings, timeout: seconds(5), shortest: seconds(2), longest: seconds(5) };
    rig.tell({ kind: 'arm', deadline: later(rig.now, seconds(4)) });
    rig.tell({ kind: 'watchdog', settings: short });
    expect(rig.report).toEqual({ kind: 'failed', reason: 'it was kept from firing, and is not set anew yet' });
    rig.tell({ kind: 'arm', deadline: later(rig.now, seconds(9)) });

    expect(rig.report).toEqual({ kind: 'active', timeout: seconds(5) });
    expect(rig.device.firesAt).toBe(later(rig.now, seconds(5)));
  });

  test('wanted again while nothing is guarded it is set at once', () => {
    const rig = armedForGood();
    rig.tell({ kind: 'disarm', evidence: 'a standby' });
    rig.tell({ kind: 'watchdog', settings: null });
    rig.tell({ kind: 'watchdog', settings });

    expect(rig.report).toEqual({ kind: 'active', timeout: T });
  });

  test('keeps a guardian that was asked to end, or whose agent is gone: it says so, and feeds it', () => {
    const rig = armedForGood();
    rig.tell({ kind: 'disarm', evidence: 'stopped' });
    rig.tell({ kind: 'retire' });
    rig.happen({ kind: 'disconnected' });
    rig.until(later(START, millis(10 * LONELY_LIMIT)));

    expect(rig.log).toEqual(['watchdog-keeps-the-guardian']);
    expect(rig.hasEnded).toBe(false);
    expect(rig.device.firesAt).toBeGreaterThan(rig.now);
  });
});

describe('a guardian in the place of one that was killed', () => {
  test('opens the device again and goes on', () => {
    const rig = new Rig();
    rig.device.firesAt = later(START, seconds(20));
    rig.happen({ kind: 'connected' });
    rig.tell({ kind: 'watchdog', settings });
    rig.tell({ kind: 'arm', deadline: later(START, seconds(22)) });
    expect(rig.device.firesAt).toBe(later(START, seconds(20)));
    rig.tell({ kind: 'arm', deadline: D });

    expect(rig.device).toMatchObject({ opened: true, firesAt: later(START, T) });
  });

  test('stops it when it has fenced without ever having opened it', () => {
    const rig = new Rig();
    rig.device.firesAt = later(START, seconds(20));
    rig.happen({ kind: 'connected' });
    rig.tell({ kind: 'watchdog', settings });
    rig.tell({ kind: 'arm', deadline: later(START, seconds(19)) });
    rig.until(later(START, seconds(19)));

    expect(rig.device).toMatchObject({ opened: false, firesAt: null });
  });

  test('leaves it alone when a lock that was sought is not mine: PostgreSQL may run on (seed 10012239)', () => {
    const rig = new Rig();
    rig.device.firesAt = later(START, seconds(20));
    rig.happen({ kind: 'connected' });
    rig.tell({ kind: 'watchdog', settings });
    rig.tell({ kind: 'arm', deadline: D, isUnproven: true });
    rig.tell({ kind: 'disarm', evidence: 'the lock is not mine', isUnproven: true });
    rig.tell({ kind: 'ping' });
    expect(rig.device.firesAt).toBe(later(START, seconds(20)));

    rig.tell({ kind: 'disarm', evidence: 'a standby' });
    expect(rig.device).toMatchObject({ opened: false, firesAt: null });
  });

  test('stops it when a lock that was sought is not mine, and nothing of PostgreSQL is there', () => {
    const rig = new Rig();
    rig.postgres = 'is gone';
    rig.device.firesAt = later(START, seconds(20));
    rig.happen({ kind: 'connected' });
    rig.tell({ kind: 'watchdog', settings });
    rig.tell({ kind: 'arm', deadline: D, isUnproven: true });
    rig.tell({ kind: 'disarm', evidence: 'the lock is not mine', isUnproven: true });

    expect(rig.device).toMatchObject({ opened: false, firesAt: null });
  });

  test('leaves it alone before anybody has said that nothing is to be guarded', () => {
    const rig = new Rig();
    rig.device.firesAt = later(START, seconds(20));
    rig.happen({ kind: 'connected' });
    rig.tell({ kind: 'watchdog', settings });
    rig.until(later(START, seconds(1)));

    expect(rig.device.firesAt).toBe(later(START, seconds(20)));
  });
});

test('a guardian whose agent is gone closes the device before it ends', () => {
  const rig = Rig.armed();
  rig.happen({ kind: 'disconnected' });
  rig.until(later(D, LONELY_LIMIT));

  expect(rig.postgres).toBe('is gone');
  expect(rig.device.firesAt).toBeNull();
  expect(rig.hasEnded).toBe(true);
});
