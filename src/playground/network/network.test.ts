import { expect, test } from 'vitest';
import { type Asker, isHeld } from './network.ts';

const cut = new Set(['node2'] as const);
const held = (asker: Asker, target: 'node1' | 'node2' | 'node3' | 'store') => isHeld({ asker, target }, cut);

test('a node that is cut off reaches nobody, and nobody reaches it', () => {
  expect(held('node2', 'node1')).toBe(true);
  expect(held('node2', 'store')).toBe(true);
  expect(held('node1', 'node2')).toBe(true);
  expect(held('outside', 'node2')).toBe(true);
});

test('it reaches itself, and the others go on', () => {
  expect(held('node2', 'node2')).toBe(false);
  expect(held('node1', 'node3')).toBe(false);
  expect(held('node3', 'store')).toBe(false);
  expect(held('outside', 'node1')).toBe(false);
});
