import { expect, test } from 'vitest';
import { memberName, slotNameOf } from './names.ts';

test.each([
  ['PG-36: a member’s slot bears its name in lower case, with dashes and dots replaced', 'Node-1.foo', 'node_1_foo'],
  ['other characters by their number', 'a b', 'au0032b'],
  ['and only its beginning where it is too long', 'x'.repeat(70), 'x'.repeat(63)],
])('%s', (_rule, name, slot) => {
  expect(slotNameOf(memberName(name))).toBe(slot);
});
