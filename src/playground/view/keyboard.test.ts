import { expect, test } from 'vitest';
import { healthyStory, primary } from '../../../test/support/playground-model.ts';
import { keysOf } from '../../terminal/terminal.ts';
import { keyPressed } from './keyboard.ts';
import type { Screen } from './screen.ts';

const screen: Screen = { page: 'cluster', chosen: null, connections: [] };
const { model } = healthyStory();
const paused = healthyStory().answers(9_950, 'node1', primary(14_000, { isPaused: true })).model;

test.for([
  ['p', { kind: 'kill-postgres', target: 'leader' }],
  ['k', { kind: 'kill-node', target: 'leader' }],
  ['f', { kind: 'freeze', target: 'leader' }],
  ['c', { kind: 'cut', target: 'leader' }],
  ['b', { kind: 'bring-back', target: 'all' }],
  ['s', { kind: 'switchover' }],
  ['z', { kind: 'pause' }],
] as const)('%s', ([key, action]) => {
  expect(keyPressed(key, { screen, model })).toEqual({ kind: 'action', action, screen });
});

test('z resumes a paused cluster', () => {
  expect(keyPressed('z', { screen, model: paused })).toMatchObject({ action: { kind: 'resume' } });
});

test('a chosen node is meant once, by k, f and c', () => {
  const chosen = keyPressed('3', { screen, model });
  expect(chosen).toEqual({ kind: 'screen', screen: { ...screen, chosen: 'node3' } });
  for (const key of ['k', 'f', 'c']) {
    expect(keyPressed(key, { screen: { ...screen, chosen: 'node3' }, model })).toMatchObject({
      action: { target: 'node3' },
      screen: { chosen: null },
    });
  }
  expect(keyPressed('0', { screen: { ...screen, chosen: 'node3' }, model })).toMatchObject({
    screen: { chosen: null },
  });
});

test('q and Ctrl-C quit from either page; on the help page any other key only goes back', () => {
  const help: Screen = { ...screen, page: 'help' };
  expect(keyPressed('?', { screen, model })).toEqual({ kind: 'screen', screen: help });
  for (const key of ['q', '\x03']) {
    expect(keyPressed(key, { screen, model })).toEqual({ kind: 'quit' });
    expect(keyPressed(key, { screen: help, model })).toEqual({ kind: 'quit' });
  }
  expect(keyPressed('k', { screen: help, model })).toEqual({ kind: 'screen', screen });
});

test('a special key is one key that means nothing, not the letters in it', () => {
  expect(keysOf('\x1b[Ak\x1bOP\x1b[1;5Cz')).toEqual(['\x1b[A', 'k', '\x1bOP', '\x1b[1;5C', 'z']);
  expect(keyPressed('\x1b[A', { screen, model })).toEqual({ kind: 'nothing' });
});
