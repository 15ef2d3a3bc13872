import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anySituation } from '../../test/support/any-situation.ts';
import { decided, type Situation } from '../../test/support/observations.ts';
import type { Decision } from '../domain/decision.ts';
import { fastStopAt } from '../domain/fencing.ts';
import { latestView } from '../domain/observation.ts';
import { mayEverLead } from '../domain/tags.ts';
import type { PostgresTask } from '../domain/task.ts';
import { decide } from './decide.ts';
import { couldWrite, heldLock } from './facts.ts';
import { type RuleId, rules } from './rules.ts';

const numRuns = 1_500;

/** For whatever situation: `promise` is broken by no decision in it. */
function always(promise: (decision: Decision, situation: Situation) => void): void {
  fc.assert(
    fc.property(anySituation, (situation) => {
      promise(decided(situation), situation);
    }),
    { numRuns },
  );
}

function taskOf({ action }: Decision): PostgresTask | null {
  return action.kind === 'run' ? action.task : null;
}

function isRule(decision: Decision, ...names: readonly RuleId[]): boolean {
  return names.some((name) => decision.rule === name);
}

/** PostgreSQL would accept writes after this. */
function makesPrimary(task: PostgresTask | null): boolean {
  return (
    (task?.kind === 'start' || task?.kind === 'restart' || task?.kind === 'bootstrap') && task.desired.standby === null
  );
}

describe('whatever the situation', () => {
  it('there is a decision, by a rule of the table, and the same one twice', () => {
    always((decision, { o, m }) => {
      expect(Object.keys(rules)).toContain(decision.rule);
      expect(decide(o, m)).toEqual(decision);
    });
  });

  it('nothing is decided before PostgreSQL and the heartbeat are known', () => {
    always((decision, { o }) => {
      if (o.postgres === null || o.lease === null) expect(decision.rule).toBe('look-first');
    });
  });

  it('nobody is promoted without a proven lock, time left on it, and a guardian', () => {
    always((decision, { o }) => {
      if (taskOf(decision)?.kind !== 'promote') return;
      const held = heldLock(o);
      expect(held).not.toBeNull();
      expect(o.now).toBeLessThan(fastStopAt(held?.deadline ?? o.now));
      expect(o.lease?.guardian).toBe('ready');
      expect(o.postgres?.server.kind).toBe('standby');
    });
  });

  it('nothing is started as a primary without them either', () => {
    always((decision, { o }) => {
      if (!makesPrimary(taskOf(decision))) return;
      expect(o.now).toBeLessThan(fastStopAt(heldLock(o)?.deadline ?? o.now));
      expect(o.lease?.guardian).toBe('ready');
    });
  });

  it('S13: a member tagged nofailover is not promoted, and takes a lock only for a server that writes already', () => {
    always((decision, { o, m }) => {
      if (mayEverLead(o.config.tags) || m.bootstrap.kind !== 'none') return;
      expect(taskOf(decision)?.kind).not.toBe('promote');
      if (decision.action.kind === 'acquire-lock') expect(couldWrite(o, m)).toBe(true);
    });
  });

  it('only a primary of this very reign is started as one', () => {
    always((decision, { o, m }) => {
      if (!makesPrimary(taskOf(decision)) || isRule(decision, 'create-cluster')) return;
      expect(m.reign).toBe(heldLock(o)?.createRevision);
    });
  });

  it('nothing is started, rewound or copied while a process of PostgreSQL is left', () => {
    always((decision, { o }) => {
      const task = taskOf(decision)?.kind ?? 'stop';
      const needsQuiet = ['start', 'rewind', 'clone', 'crash-recovery', 'bootstrap', 'remove-data', 'set-aside-data'];
      if (needsQuiet.includes(task)) expect(o.postgres?.process.kind).toBe('none');
    });
  });

  it('the lock is released only when PostgreSQL is down, or a standby, or paused and of another cluster', () => {
    always((decision, { o }) => {
      if (decision.action.kind !== 'release-lock' || o.postgres?.process.kind === 'none') return;
      if (isRule(decision, 'pause-foreign-cluster')) return;
      expect(o.postgres?.server.kind).toBe('standby');
      // The heartbeat asks the guardian once more, or has the standby as its evidence.
      expect(isRule(decision, 'outrun-after-acquire', 'pause-release', 'switchover-release')).toBe(true);
    });
  });

  it('a paused PostgreSQL is neither stopped, started nor promoted but for a request, and to end what one began', () => {
    always((decision, { o, m }) => {
      const task = taskOf(decision);
      if (!o.dynamic.pause || m.bootstrap.kind !== 'none' || task === null) return;
      const request = latestView(o)?.failover ?? null;
      const isRequested = request?.schedule.kind === 'now' && request.candidate !== null;
      if (isRule(decision, 'switchover-accepted', 'promote')) expect(isRequested).toBe(true);
      else {
        expect(task.kind).toBe('start');
        expect(m.handOver).not.toBeNull();
        const goesOn = task.kind === 'start' && task.desired.standby === null;
        if (goesOn) expect(heldLock(o)?.createRevision).toBe(m.reign);
      }
    });
  });

  it('no decision on a picture that is not the last, but to fence, to leave and to wait', () => {
    always((decision, { o, m }) => {
      if (o.store.kind !== 'unsettled' || o.dynamic.pause || m.leaving !== null) return;
      const task = taskOf(decision);
      if (task !== null) expect(['stop', 'end-orphans']).toContain(task.kind);
      expect(['campaign', 'reclaim-as-primary', 'first-lock']).not.toContain(decision.rule);
    });
  });

  it('a lock holder whose PostgreSQL is down never waits for a person', () => {
    always((decision, { o, m }) => {
      const isDown = o.postgres?.process.kind === 'none';
      if (heldLock(o) === null || !isDown || o.dynamic.pause || m.leaving !== null || o.task !== null) return;
      if (o.store.kind !== 'settled' || m.unavailableSince === null || m.unavailableSince > o.now - 5_000) return;
      expect([
        'system-id-unreadable',
        'data-directory-inaccessible',
        'wait-for-leader',
        'diverged-needs-operator',
      ]).not.toContain(decision.rule);
    });
  });
});
