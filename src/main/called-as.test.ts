import { expect, test } from 'vitest';
import { readCall } from './called-as.ts';

test('arguments without a mark are those of matriarch itself', () => {
  expect(readCall(['list', '--format=json'])).toEqual({ calledAs: 'matriarch', argv: ['list', '--format=json'] });
});

test('the mark of a drop-in name is taken off before anybody parses the arguments', () => {
  expect(readCall(['--called-as=patronictl', 'list'])).toEqual({ calledAs: 'patronictl', argv: ['list'] });
});

test('a mark is only a mark in the first place', () => {
  expect(readCall(['list', '--called-as=patronictl'])).toEqual({
    calledAs: 'matriarch',
    argv: ['list', '--called-as=patronictl'],
  });
});
