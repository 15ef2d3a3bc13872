import { describe, expect, test } from 'vitest';
import { FAST_STOP_LEAD, fastStopAt, HARD_FENCE_LEAD, hardFenceAt } from '../domain/fencing.ts';
import { type Instant, instant, later, millis } from '../domain/time.ts';
import type { GuardianEffect, GuardianEvent, GuardianReport, PostgresProcesses } from '../ports/guardian.ts';
import { type GuardianState, initialGuardian } from './state.ts';
import { stepGuardian } from './step.ts';
import { LONELY_LIMIT } from './timing.ts';

type Happening<E = GuardianEvent> = E extends GuardianEvent ? Omit<E, 'at'> : never;

const nothing: PostgresProcesses = { postmaster: null, others: [] };
const running: PostgresProcesses = { postmaster: 10, others: [11, 12] };
const D = instant(50_000);

/** The guardian's machine with an agent on a clock that a test turns; PostgreSQL dies of SIGKILL only when told to. */
class Rig {
  now: Instant = instant(40_000);
  state: GuardianState = initialGuardian({ pid: 7, at: this.now });
  processes = running;
  dies: 'at-once' | 'not-yet' = 'at-once';
  readonly effects: (GuardianEffect & { readonly at: Instant })[] = [];

  static armed(): Rig {
    const rig = new Rig();
    rig.happen({ kind: 'started' });
    rig.happen({ kind: 'connected' });
    rig.happen({ kind: 'message', message: { kind: 'arm', number: 1, deadline: D } });
    return rig;
  }

  happen(happening: Happening): void {
    const stepped = stepGuardian(this.state, { at: this.now, ...happening });
    this.state = stepped.state;
    this.effects.push(...stepped.effects.map((each) => ({ ...each, at: this.now })));
    for (const effect of stepped.effects) {
      if (effect.kind === 'hard-fence' && this.dies === 'at-once') this.processes = nothing;
      if (effect.kind === 'hard-fence' || effect.kind === 'scan') this.scanned();
    }
  }

  scanned(): void {
    this.happen({ kind: 'scanned', processes: this.processes });
  }

  until(end: Instant): void {
    while (this.now < end) {
      this.now = this.state.timerAt !== null && this.state.timerAt < end ? this.state.timerAt : end;
      if (this.state.timerAt !== null && this.now >= this.state.timerAt) this.happen({ kind: 'timer' });
    }
  }

  when(kind: GuardianEffect['kind']): readonly Instant[] {
    return this.effects.filter((each) => each.kind === kind).map((each) => each.at);
  }

  get said(): readonly GuardianReport[] {
    return this.effects.flatMap((each) => (each.kind === 'send' ? [each.report] : []));
  }

  get fencingSteps(): readonly string[] {
    return this.said.flatMap((each) => (each.kind === 'fencing' ? [each.step] : []));
  }
}

describe('the ladder', () => {
  test('an orderly fast stop begins well before the deadline, and before it whatever is left is killed', () => {
    const rig = Rig.armed();
    rig.until(later(D, millis(1_000)));

    expect(rig.when('fast-stop')).toEqual([fastStopAt(D)]);
    expect(rig.when('hard-fence')).toEqual([hardFenceAt(D)]);
    expect(rig.fencingSteps).toEqual(['fast-stop', 'hard-fence', 'fenced']);
  });

  test('killing goes on until nothing is left', () => {
    const rig = Rig.armed();
    rig.dies = 'not-yet';
    rig.until(later(D, millis(500)));
    expect(rig.when('hard-fence').length).toBeGreaterThan(5);
    expect(rig.fencingSteps).not.toContain('fenced');

    rig.dies = 'at-once';
    rig.until(later(D, millis(2_000)));
    expect(rig.fencingSteps.at(-1)).toBe('fenced');
  });

  test('a later deadline moves it', () => {
    const rig = Rig.armed();
    rig.until(fastStopAt(instant(D - 1)));
    const next = later(D, millis(1_000));
    rig.happen({ kind: 'message', message: { kind: 'arm', number: 2, deadline: next } });
    rig.until(fastStopAt(next));

    expect(rig.when('fast-stop')).toEqual([fastStopAt(next)]);
    expect(rig.said).toContainEqual({ kind: 'armed', number: 2, deadline: next });
  });

  test('an earlier deadline moves it, too: a shorter ttl', () => {
    const rig = Rig.armed();
    const sooner = instant(D - 3_000);
    rig.happen({ kind: 'message', message: { kind: 'arm', number: 2, deadline: sooner } });
    rig.until(D);

    expect(rig.when('fast-stop')).toEqual([fastStopAt(sooner)]);
  });

  test('a later deadline after the fast stop began spares PostgreSQL the kill, not the stop', () => {
    const rig = Rig.armed();
    rig.until(later(fastStopAt(D), millis(100)));
    const next = later(D, millis(3_000));
    rig.happen({ kind: 'message', message: { kind: 'arm', number: 2, deadline: next } });
    rig.until(later(D, millis(100)));
    expect(rig.when('hard-fence')).toEqual([]);

    rig.until(next);
    expect(rig.when('fast-stop')).toEqual([fastStopAt(D), fastStopAt(next)]);
    expect(rig.when('hard-fence')).toEqual([hardFenceAt(next)]);
  });

  test('a later deadline while it kills is watched once everything is gone', () => {
    const rig = Rig.armed();
    rig.dies = 'not-yet';
    rig.until(D);
    const next = later(D, millis(5_000));
    rig.happen({ kind: 'message', message: { kind: 'arm', number: 2, deadline: next } });
    rig.dies = 'at-once';
    rig.until(later(D, millis(500)));

    expect(rig.fencingSteps.at(-1)).toBe('fenced');
    rig.until(next);
    expect(rig.when('fast-stop')).toEqual([fastStopAt(D), fastStopAt(next)]);
  });

  test('the deadline it kills for, heard again, is not fenced a second time: something new may run by then', () => {
    const rig = Rig.armed();
    rig.dies = 'not-yet';
    rig.until(D);
    rig.happen({ kind: 'message', message: { kind: 'arm', number: 2, deadline: D } });
    rig.dies = 'at-once';
    rig.until(later(D, millis(500)));

    expect(rig.fencingSteps.filter((step) => step === 'fenced')).toHaveLength(1);
  });

  test('a deadline that is past when it comes is fenced at once', () => {
    const rig = new Rig();
    rig.happen({ kind: 'connected' });
    rig.happen({ kind: 'message', message: { kind: 'arm', number: 1, deadline: instant(rig.now - 1) } });

    expect(rig.fencingSteps).toEqual(['hard-fence', 'fenced']);
  });

  test('disarmed, it does nothing', () => {
    const rig = Rig.armed();
    rig.happen({ kind: 'message', message: { kind: 'disarm', number: 2, evidence: 'stopped' } });
    rig.until(later(D, millis(1_000)));

    expect(rig.fencingSteps).toEqual([]);
    expect(rig.said).toContainEqual({ kind: 'disarmed', number: 2 });
  });

  test('the hard fence comes well after the fast stop and well before the deadline', () => {
    expect(FAST_STOP_LEAD - HARD_FENCE_LEAD).toBeGreaterThanOrEqual(1_000);
    expect(HARD_FENCE_LEAD).toBeGreaterThanOrEqual(300);
  });
});

describe('the agent', () => {
  test('its death changes nothing: the deadline is kept, then the guardian waits a bounded time and ends', () => {
    const rig = Rig.armed();
    rig.happen({ kind: 'disconnected' });
    rig.until(later(D, millis(1_000)));
    expect(rig.fencingSteps).toEqual(['fast-stop', 'hard-fence', 'fenced']);

    rig.until(later(rig.now, LONELY_LIMIT));
    expect(rig.when('end')).toHaveLength(1);
  });

  test('a new one is told of the deadline that is in force', () => {
    const rig = Rig.armed();
    rig.happen({ kind: 'disconnected' });
    rig.happen({ kind: 'connected' });

    expect(rig.said.at(-1)).toMatchObject({ kind: 'hello', pid: 7, armedUntil: D });
  });

  test('one that leaves for good lets it end as soon as nothing is armed', () => {
    const rig = Rig.armed();
    rig.happen({ kind: 'message', message: { kind: 'retire', number: 2 } });
    expect(rig.when('end')).toEqual([]);
    rig.happen({ kind: 'message', message: { kind: 'disarm', number: 3, evidence: 'stopped' } });

    expect(rig.when('end')).toHaveLength(1);
  });

  test('with an agent and nothing to guard it stays', () => {
    const rig = new Rig();
    rig.happen({ kind: 'connected' });
    rig.until(later(rig.now, millis(10 * LONELY_LIMIT)));

    expect(rig.when('end')).toEqual([]);
  });

  test('is told whether anything of PostgreSQL is left', () => {
    const rig = Rig.armed();
    rig.happen({ kind: 'message', message: { kind: 'confirm-quiet', number: 2 } });
    rig.processes = nothing;
    rig.happen({ kind: 'message', message: { kind: 'confirm-quiet', number: 3 } });

    expect(rig.said.slice(-2)).toEqual([
      { kind: 'busy', number: 2, processCount: 3 },
      { kind: 'quiet', number: 3 },
    ]);
  });
});
