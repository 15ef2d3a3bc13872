import { expect, test } from 'vitest';
import { randomSession } from './random-session.ts';

const seeds = Array.from({ length: 50 }, (_, seed) => seed);

test('of thirty actions every key comes at least twice, in an order of its own, with a wait after each', () => {
  for (const seed of seeds) {
    const commands = randomSession({ seed, actions: 30 }).slice(0, 30);
    const kinds = commands.map(({ kind }) => kind);
    expect(kinds.filter((_, index) => index % 2 === 1)).toEqual(Array(15).fill('wait'));
    for (const key of ['kill-postgres', 'kill-node', 'freeze', 'cut', 'bring-back', 'switchover']) {
      expect(kinds.filter((kind) => kind === key).length).toBeGreaterThanOrEqual(2);
    }
    expect(kinds.filter((kind) => kind === 'pause' || kind === 'resume').length).toBeGreaterThanOrEqual(2);
  }
  expect(new Set(seeds.map((seed) => JSON.stringify(randomSession({ seed, actions: 30 })))).size).toBe(50);
});

test('the same seed draws the same session', () => {
  expect(randomSession({ seed: 7, actions: 30 })).toEqual(randomSession({ seed: 7, actions: 30 }));
});

test('in the end everything is brought back, acts again and has to heal', () => {
  for (const actions of [1, 2, 13, 30]) {
    const commands = randomSession({ seed: 3, actions });
    expect(commands).toHaveLength(actions + 3);
    expect(commands.slice(actions).map(({ kind }) => kind)).toEqual(['bring-back', 'resume', 'wait-healed']);
  }
});
