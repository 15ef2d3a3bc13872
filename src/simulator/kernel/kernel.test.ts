import { expect, test } from 'vitest';
import { Actor } from './actor.ts';
import { Kernel } from './kernel.ts';

function kernel(seed = 1) {
  return new Kernel({ seed, transcript: 'lines' });
}

function running(name: string) {
  const actor = new Actor(name);
  actor.start();
  return actor;
}

test('events come in order of time, and of scheduling within one instant', () => {
  const world = kernel();
  const seen: string[] = [];
  for (const [time, name] of [
    [5, 'c'],
    [1, 'a'],
    [5, 'd'],
    [3, 'b'],
  ] as const) {
    world.at(time, null, name, () => seen.push(name));
  }

  world.run(10);

  expect(seen).toEqual(['a', 'b', 'c', 'd']);
  expect(world.now).toBe(10);
});

test('thousands of drawn events come in order', () => {
  const world = kernel();
  const seen: number[] = [];
  for (let index = 0; index < 5000; index += 1) {
    world.at(world.random('times').between(0, 1000), null, 'event', () => seen.push(world.now));
  }

  world.run(1000);

  expect(seen).toHaveLength(5000);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
});

test('what happens to a frozen actor reaches it at thaw, in order, at the time of the thaw', () => {
  const world = kernel();
  const actor = running('agent');
  const seen: string[] = [];
  world.at(1, actor, 'first', () => seen.push(`first at ${world.now}`));
  world.at(2, actor, 'second', () => seen.push(`second at ${world.now}`));
  actor.freeze();

  world.run(10);
  expect(seen).toEqual([]);
  world.thaw(actor);
  world.run(10);

  expect(seen).toEqual(['first at 10', 'second at 10']);
});

test('a restarted actor gets nothing that was meant for its earlier life', () => {
  const world = kernel();
  const actor = running('agent');
  const seen: string[] = [];
  world.at(5, actor, 'old', () => seen.push('old'));
  actor.kill();
  actor.start();
  world.at(6, actor, 'new', () => seen.push('new'));

  world.run(10);

  expect(seen).toEqual(['new']);
});

test('one seed gives one transcript, another seed another, and purposes do not disturb each other', () => {
  const draw = (seed: number, purpose: string) => {
    const world = kernel(seed);
    world.random('other').integer(0, 9);
    return Array.from({ length: 5 }, () => world.random(purpose).integer(0, 1_000_000));
  };

  expect(draw(7, 'latency')).toEqual(draw(7, 'latency'));
  expect(draw(7, 'latency')).not.toEqual(draw(8, 'latency'));
  expect(draw(7, 'latency')).not.toEqual(draw(7, 'faults'));
});

test('drawn numbers stay within their bounds and reach both ends', () => {
  const stream = kernel().random('bounds');
  const drawn = new Set(Array.from({ length: 1000 }, () => stream.integer(3, 6)));

  expect([...drawn].toSorted((a, b) => a - b)).toEqual([3, 4, 5, 6]);
  expect(stream.pick<number>([])).toBeUndefined();
});
