import { expect, test } from 'vitest';
import { derived, derivedTogether } from './derived.ts';

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

test('what is derived of several things is derived anew when any of them is another one', () => {
  let derivations = 0;
  const joined = derivedTogether((list: readonly string[], between: string, end: string | null) => {
    derivations += 1;
    return list.join(between) + (end ?? '');
  });
  const list = ['a', 'b'];
  expect([joined(list, '-', null), joined(list, '-', null), joined(list, '+', null)]).toEqual(['a-b', 'a-b', 'a+b']);
  expect([joined(list, '+', '!'), joined(['a', 'b'], '+', '!')]).toEqual(['a+b!', 'a+b!']);
  expect(derivations).toBe(4);
});
