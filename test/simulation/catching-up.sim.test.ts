import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';

/** One of three was off for a minute, and gets the WAL of that time slowly; `first` is the one that streams all the while. */
function oneComesBack(change: ConstructorParameters<typeof Scenario>[0] = {}) {
  const story = new Scenario({ catchUp: { from: 1_400, to: 1_500 }, walKeepBytes: 1e9, ...change }).untilHealthy();
  const old = story.leader();
  const [first = old, last = old] = story.replicas();
  story.happens({ kind: 'power-off', target: story.numberOf(last), span: 60_000 }).passes(66_000);
  const { postgres } = story.node(last);
  return { story, old, first, last, postgres };
}

test('a standby that was away catches up at its own speed, dies meanwhile, and goes on where it was', () => {
  const { story, old, last, postgres } = oneComesBack();
  const behind = (): number => story.node(old).postgres.position - postgres.position;
  expect(postgres.link.upstream?.host).toBe(old);
  expect(postgres.link.hasCaughtUp).toBe(false);
  const before = behind();
  expect(before).toBeGreaterThan(20_000_000);
  story.passes(5_000);
  expect(behind()).toBeLessThan(before);
  story.happens({ kind: 'kill-postmaster', target: story.numberOf(last) });
  const { position } = postgres;
  story.passes(5_000);
  expect(postgres.position).toBeGreaterThanOrEqual(position);
  story.until('it has caught up', () => postgres.link.upstream !== null && postgres.link.hasCaughtUp, 120_000);
  expect(behind()).toBeLessThan(10_000);
  expect(story.violation).toBeNull();
});

test('commits wait for nobody that catches up, and nobody such is named', () => {
  const { story, old, first, last, postgres } = oneComesBack({
    synchronous: { mode: 'quorum', strict: false, nodeCount: 2 },
  });
  const names = (): string => story.node(old).postgres.syncNames;
  expect(postgres.link.hasCaughtUp).toBe(false);
  expect(names()).toContain(first);
  expect(names()).not.toContain(`"${last}"`);
  story.until('it counts', () => /ANY 2/.test(names()), 120_000);
  expect(postgres.link.hasCaughtUp).toBe(true);
  expect(story.violation).toBeNull();
});

test('a stop in order waits until whoever catches up has everything', () => {
  const { story, old, postgres } = oneComesBack();
  const { postgres: primary } = story.node(old);
  primary.fastStop();
  story.until('the files say so', () => primary.files?.state === 'shut down', 5_000);
  expect(primary.server.kind).toBe('stopping');
  expect(postgres.position).toBeLessThan(primary.position - 10_000_000);
  story.until('it ends', () => primary.server.kind === 'down', 30_000);
  expect(postgres.position).toBe(primary.position);
});
