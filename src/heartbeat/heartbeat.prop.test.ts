import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HeartbeatRig } from '../../test/support/heartbeat-rig.ts';
import { type Happening, HeartbeatWorld, happeningKinds } from '../../test/support/heartbeat-world.ts';

const kind = fc.oneof(
  ...happeningKinds.map(([name, weight]): fc.WeightedArbitrary<Happening['kind']> => {
    return { weight, arbitrary: fc.constant(name) };
  }),
);
const happening = fc.record({ kind, span: fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.nat(12_000)) });
const story = fc.array(happening, { minLength: 5, maxLength: 60 });

test('whatever happens, nobody else gets the lock while PostgreSQL is a primary', () => {
  fc.assert(
    fc.property(story, (happenings) => {
      const world = new HeartbeatWorld();
      for (const each of happenings) {
        world.play(each);
        expect(world.isSafe && world.unsafeAt === null, `after: ${each.kind}`).toBe(true);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('whatever happens, a deadline is the departure of an answered keep-alive or grant plus the ttl answered', () => {
  fc.assert(
    fc.property(story, (happenings) => {
      const world = new HeartbeatWorld();
      for (const each of happenings) world.play(each);

      const { rig } = world;
      const ends = new Set(rig.heard.flatMap(leaseLivesUntil));
      for (const { lock } of rig.reports) if (lock.kind === 'held') expect(ends).toContain(lock.deadline);
      for (const message of rig.guardian.heard) if (message.kind === 'arm') expect(ends).toContain(message.deadline);
    }),
    { numRuns: 200 },
  );
});

test('whatever happens, it never asks to be woken in the past, and has one keep-alive under way', () => {
  fc.assert(
    fc.property(story, (happenings) => {
      const world = new HeartbeatWorld();
      const { rig } = world;
      for (const each of happenings) {
        world.play(each);
        if (rig.state.timerAt !== null) expect(rig.state.timerAt).toBeGreaterThan(rig.lastStepAt);
        expect(rig.waiting.filter(({ request }) => request.kind === 'keep-alive').length).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: 200 },
  );
});

test('whatever happens, an agent that steps gets a free lock again once the troubles are over', () => {
  fc.assert(
    fc.property(story, (happenings) => {
      const world = new HeartbeatWorld();
      for (const each of happenings) world.play(each);

      for (const kind of ['the agent stops PostgreSQL', 'the store answers', 'the store elects'] as const) {
        world.play({ kind, span: 0 });
      }
      const { rig } = world;
      rig.answerWaiting();
      rig.store.lock = null;
      world.play({ kind: 'time passes', span: 60_000 });
      const id = rig.command({ kind: 'acquire' });
      world.play({ kind: 'time passes', span: 10_000 });
      expect(rig.outcomeOf(id)?.kind).toBe('held');
    }),
    { numRuns: 200 },
  );
});

function leaseLivesUntil(heard: HeartbeatRig['heard'][number]): readonly number[] {
  const { kind } = heard;
  if (kind === 'kept-alive' && heard.outcome.kind === 'alive') return [heard.sentAt + heard.outcome.ttl];
  return kind === 'granted' && heard.outcome.kind === 'granted' ? [heard.sentAt + heard.outcome.ttl] : [];
}
