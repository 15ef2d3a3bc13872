import { expect, test } from 'vitest';
import { healthyStory, ModelStory, primary, replica, whole } from '../../../test/support/playground-model.ts';
import { currentGapMs, writeRate } from './probe.ts';

test('the lease of a holder that says nothing any more goes on running down', () => {
  const story = healthyStory();
  const { deadline } = story.model.lease!;
  story.isSilent(11_000, 'node1', { agent: 'frozen', network: 'whole' }).answers(11_000, 'node2', replica());
  expect(story.model.lease).toEqual({ holder: 'node1', deadline });
});

test('the lease is nobody’s when its holder gave it back, and another one’s when that says so', () => {
  const story = healthyStory().answers(11_000, 'node1', replica());
  expect(story.model.lease).toBeNull();
  story.answers(11_100, 'node2', primary(16_000));
  expect(story.model.lease?.holder).toBe('node2');
});

test('a node that does not answer keeps what it last said, and since when it is silent', () => {
  const story = healthyStory().isSilent(11_000, 'node2', whole).isSilent(12_000, 'node2', whole);
  const node = story.model.nodes.find(({ name }) => name === 'node2')!;
  expect(node.answer?.said.role).toBe('replica');
  expect(story.at(0).now + 11_000).toBe(node.silentSince);
});

test('the longest gap is the longest time between two writes; the time before the first is none', () => {
  const story = new ModelStory()
    .writes('node1', { from: 4_000, to: 5_000 })
    .writes('node2', { from: 10_620, to: 11_000 });
  const { probe } = story.model;
  expect(probe.longestGapMs).toBe(5_620);
  expect(currentGapMs(probe, story.at(11_250).now)).toBe(250);
  expect(writeRate(probe, story.at(11_000).now)).toBe(39);
  expect(writeRate(probe, story.at(12_500).now)).toBe(0);
});

test('losses add up', () => {
  const story = healthyStory()
    .tell(11_000, { kind: 'found-lost', node: 'node2', count: 3 })
    .tell(12_000, { kind: 'found-lost', node: 'node3', count: 2 });
  expect(story.model.probe.lost).toBe(5);
});

test('the list of events is bounded, and the newest are kept', () => {
  const story = new ModelStory();
  for (let ms = 0; ms < 1_000; ms++) story.said(ms, 'node1', `line ${ms}`);
  expect(story.model.events.length).toBeLessThan(500);
  expect(story.model.events.at(-1)?.text).toBe('line 999');
});
