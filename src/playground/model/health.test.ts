import { describe, expect, test } from 'vitest';
import { healthyStory, type ModelStory, primary, replica, whole } from '../../../test/support/playground-model.ts';
import { healthOf } from './health.ts';

const killed = { kind: 'did', action: 'kill-node', node: 'node1', text: 'killed node1' } as const;
const down = { agent: 'gone', network: 'whole' } as const;

/** The baseline: node1 leads, the others stream, clients write; at 10 s. */
function health(story: ModelStory, ms = 10_000) {
  return healthOf(story.at(ms));
}

test('one primary with the lock, streaming replicas and clients that write are health', () => {
  expect(health(healthyStory())).toEqual({ kind: 'healthy', leader: 'node1' });
});

describe('it is no health that', () => {
  const stories: readonly (readonly [string, () => ModelStory, number?])[] = [
    ['a node has not answered', () => healthyStory().isSilent(9_950, 'node2', whole)],
    ['a replica does not stream', () => healthyStory().answers(9_950, 'node2', replica({ replication: null }))],
    ['a replica is on another timeline', () => healthyStory().answers(9_950, 'node2', replica({ timeline: 2 }))],
    ['nobody holds the lock', () => healthyStory().answers(9_950, 'node1', primary(0, { lock: { kind: 'not-held' } }))],
    [
      'the holder of the lock is no primary',
      () => healthyStory().answers(9_950, 'node1', primary(14_000, { role: 'replica' })),
    ],
    ['two claim to lead', () => healthyStory().answers(9_950, 'node2', primary(14_000))],
    ['no client has written for a second', () => healthyStory(), 11_100],
  ];
  test.for(stories)('%s', ([, story, ms]) => {
    expect(health(story(), ms).kind).toBe('unhealthy');
  });
});

test('what was seen before the last action says nothing', () => {
  expect(health(healthyStory().tell(10_000, killed)).kind).toBe('unhealthy');
});

test('those that are left are healthy without a node that was killed, frozen or cut off', () => {
  for (const condition of [
    down,
    { agent: 'frozen', network: 'whole' },
    { agent: 'running', network: 'cut' },
  ] as const) {
    const story = healthyStory()
      .tell(10_010, killed)
      .isSilent(15_900, 'node1', condition)
      .answers(15_900, 'node2', primary(20_000, { timeline: 2 }))
      .answers(15_900, 'node3', replica({ timeline: 2 }))
      .writes('node2', { from: 15_500, to: 15_990 });
    expect(health(story, 16_000)).toEqual({ kind: 'healthy', leader: 'node2' });
  }
});

test('they are not as long as only writes from before the action are known', () => {
  const story = healthyStory()
    .tell(10_010, killed)
    .isSilent(10_400, 'node1', down)
    .answers(10_400, 'node2', primary(15_000))
    .answers(10_400, 'node3', replica());
  expect(health(story, 10_500)).toEqual({ kind: 'unhealthy', because: 'no client writes' });
});
