import { expect, test } from 'vitest';
import { derived } from './derived.ts';

test('what is derived of an object is derived once, also when it is nothing', () => {
  let derivations = 0;
  const first = derived((list: readonly string[]) => {
    derivations += 1;
    return list[0] ?? null;
  });
  const [none, some] = [[], ['a']];
  expect([first(none), first(some), first(none), first(some), first(['b'])]).toEqual([null, 'a', null, 'a', 'b']);
  expect(derivations).toBe(3);
});
