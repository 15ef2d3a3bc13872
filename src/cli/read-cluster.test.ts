import { expect, test } from 'vitest';
import { fakeOperator } from '../../test/support/fake-operator.ts';
import { revision } from '../domain/names.ts';
import { instant } from '../domain/time.ts';
import type { OperatorStore, ReadOutcome } from '../ports/store.ts';
import { readCluster } from './read-cluster.ts';

/** Each read takes that long, and the outcomes come one after the other, the last one again and again. */
async function read(outcomes: readonly ReadOutcome[], tookMs: number) {
  const { line, seen } = fakeOperator();
  const counts = { reads: 0, switched: 0 };
  const store: Pick<OperatorStore, 'read' | 'switchEndpoint'> = {
    read: () => {
      const outcome = outcomes[Math.min(counts.reads, outcomes.length - 1)] ?? silence;
      counts.reads += 1;
      return Promise.resolve(outcome);
    },
    switchEndpoint: () => {
      counts.switched += 1;
    },
  };
  const now = () => instant(counts.reads * tookMs + seen.sleeps * 500);
  const result = await readCluster(store as OperatorStore, { ...line, now }, { kind: 'none' });
  return { result, ...counts, stderr: seen.stderr };
}

const silence: ReadOutcome = { kind: 'no-answer', reason: 'no leader' };
const picture: ReadOutcome = { kind: 'read', revision: revision(1n), pairs: [] };

test('a store in an election is asked again, elsewhere, and that is said once', async () => {
  const { result, reads, switched, stderr } = await read([silence, silence, picture], 10);

  expect([result.kind, reads, switched]).toEqual(['view', 3, 2]);
  expect(stderr).toBe('The store does not answer (no leader); asking again\n');
});

test('for ten seconds, however it fails', async () => {
  expect(await read([silence], 0)).toMatchObject({ result: { kind: 'failed', why: 'no leader' }, reads: 20 });
  expect(await read([silence], 6_000)).toMatchObject({ result: { kind: 'failed' }, reads: 2 });
});

test('a store that refuses has answered', async () => {
  const refused: ReadOutcome = { kind: 'refused', reason: 'permission denied' };

  expect(await read([refused], 0)).toMatchObject({ result: { kind: 'failed', why: 'permission denied' }, reads: 1 });
});
