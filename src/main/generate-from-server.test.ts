import { expect, test } from 'vitest';
import { withDefaults } from './generate-from-server.ts';

const said = new Map([['user', 'postgres']]);

test.each([
  ['what is typed', {}, 'secret', 'secret'],
  ['nothing, which is none', {}, '', ''],
  ['what the environment says, unasked', { PGPASSWORD: 'known' }, null, 'known'],
])('the password is %s', async (_what, environment, typed, expected) => {
  const found = await withDefaults(said, { environment, askPassword: () => Promise.resolve(typed) });

  expect(found?.get('password')).toBe(expected);
});

test('Ctrl-C at the question for the password ends it: it is no empty password', async () => {
  expect(await withDefaults(said, { environment: {}, askPassword: () => Promise.resolve(null) })).toBeNull();
});

test('where nobody can be asked, nobody is', async () => {
  expect(await withDefaults(said, { environment: {}, askPassword: null })).toEqual(said);
});
