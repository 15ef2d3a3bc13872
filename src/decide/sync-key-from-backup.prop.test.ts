import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mayReplaceKey } from './sync-overlap.ts';
import { holdersOf, nextSyncStep, type SyncSituation } from './sync-step.ts';

/** A key from a backup of the store may be of any time, and say of nobody what is so. */
test('whatever key the store shows: the one that is proposed elects nobody without what is acknowledged', () => {
  const some = fc.subarray(['b', 'c', 'd', 'e']);
  const names = fc.oneof(
    fc.constant(null),
    fc.record({ method: fc.constantFrom('first', 'any'), names: some, count: fc.integer({ min: 1, max: 4 }) }),
  );
  const situation = fc
    .record({
      mode: fc.constantFrom('on', 'quorum'),
      strict: fc.boolean(),
      key: fc.record({ leader: fc.constantFrom('a', 'b', 'x'), voters: some, quorum: fc.integer({ min: 0, max: 3 }) }),
      names,
      settled: fc.boolean(),
      proven: some,
      active: some,
      expected: some,
      wanted: fc.integer({ min: 0, max: 4 }),
    })
    .map((drawn): SyncSituation => {
      const { key } = drawn;
      const named = drawn.names === null || drawn.names.names.length === 0 ? null : drawn.names;
      return {
        ...drawn,
        me: 'a',
        key: { ...key, voters: new Set(key.voters), quorum: Math.min(key.quorum, key.voters.length) },
        names: named === null ? null : { ...named, count: Math.min(named.count, named.names.length) },
        proven: new Set(drawn.settled ? drawn.proven.filter((each) => drawn.active.includes(each)) : []),
        expected: drawn.expected.filter((each) => !drawn.active.includes(each)),
      };
    });
  fc.assert(
    fc.property(situation, (s) => {
      const step = nextSyncStep(s);
      if (step.kind !== 'key') return;
      const { key: before, proven, me } = s;
      expect(mayReplaceKey(step.key, { before, names: holdersOf(s.names), proven, me })).toBe(true);
    }),
    { numRuns: 20_000 },
  );
});
