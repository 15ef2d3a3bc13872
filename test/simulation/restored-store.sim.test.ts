import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';

test('a restored store names a leader of long ago: it asks the others before it is promoted (seed 1463)', () => {
  const story = new Scenario().untilHealthy().passes(5_000);
  const old = story.leader();

  // The backup is taken now. When it is put back, whoever led in between has ended in order of its lease.
  story.happens({ kind: 'restore-store', span: 15_000 });
  story.happens({ kind: 'cut-node', target: 'leader', from: 'all', direction: 'both', span: 20_000 });
  story.untilLeaderIsNot(old, 8_000);
  const { postgres: next } = story.node(story.leader());
  const branch = next.branch;
  story.passes(20_000).untilHealthy();

  let newest = story.node(story.leader()).postgres.branch;
  while (newest !== null && newest !== branch) newest = newest.parent;
  expect(newest, story.ending()).toBe(branch);
  expect(story.violation, story.ending()).toBeNull();
});

test('a restored store that lacks a write whose picture was never seen is believed all the same (seed 311672)', () => {
  const story = new Scenario({ seed: 311_672 });

  story.at(2786).happens({ kind: 'cut-node', target: 'leader', span: 10_506, from: 'peers', direction: 'both' });
  story.at(9519).happens({ kind: 'cut-node', target: 'leader', span: 15_780, from: 'all', direction: 'inbound' });
  story.at(12_878).happens({ kind: 'late-watches', span: 23_629, extraMs: 2534.4724255800247 });
  story.at(23_997).happens({ kind: 'restore-store', span: 4851 });
  story.passes(60_000).untilHealthy();

  expect(story.violation, story.ending()).toBeNull();
});

test('seed 10002404: a clock that stood still is no reason to lead, once another leader was seen', () => {
  const story = new Scenario({ seed: 1, nodes: 4, ttl: 30, loopWait: 10, retryTimeout: 10 });

  story.at(5_000).happens({ kind: 'restore-store', span: 115_000 });
  story.at(10_000).happens({ kind: 'kill-agent', target: 'leader', span: 100_000 });
  story.at(60_000).happens({ kind: 'pause-machine', target: 'leader', span: 75_000, clocks: 'stand-still' });
  story.at(170_000);

  expect(story.transcript().filter((line) => line.includes('start-to-promote'))).toEqual([]);
  expect(story.violation, story.ending()).toBeNull();
});
