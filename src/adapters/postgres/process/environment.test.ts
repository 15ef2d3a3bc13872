import { expect, test } from 'vitest';
import { scriptEnvironment, serverEnvironment } from './environment.ts';

test("PG-6: the agent's own settings and the service manager's socket do not reach the server", () => {
  const own = { PATH: '/bin', PATRONI_X: 'y', KUBERNETES_Z: '1', NOTIFY_SOCKET: '/s', PG_MALLOC_ARENA_MAX: '1' };
  expect(serverEnvironment(own, null)).toEqual({ PATH: '/bin', MALLOC_ARENA_MAX: '1' });
});

test.each([
  ['set by the launcher for the agent stays with the agent', { MATRIARCH_SET_MALLOC_ARENA_MAX: '1' }, {}],
  ['set by the operator for both reaches the server', {}, { MALLOC_ARENA_MAX: '1' }],
  [
    'set by the operator for the server alone comes first',
    { MATRIARCH_SET_MALLOC_ARENA_MAX: '1', PG_MALLOC_ARENA_MAX: '4' },
    { MALLOC_ARENA_MAX: '4' },
  ],
])('a bound of memory %s', (_rule, more, expected) => {
  expect(serverEnvironment({ MALLOC_ARENA_MAX: '1', ...more }, null)).toEqual(expected);
  expect(serverEnvironment({ ...more, MALLOC_ARENA_MAX: '1' }, null)).toEqual(expected);
});

test.each([
  ['what it was before', '/opt/lib', { LD_LIBRARY_PATH: '/opt/lib' }],
  ['not set where it was not', '', {}],
])(
  "the libraries that the launcher brings for Node are not for the server, nor for operators' commands: %s",
  (_rule, before, expected) => {
    const own = { LD_LIBRARY_PATH: `/archive/node/lib:${before}`, MATRIARCH_LD_LIBRARY_PATH_BEFORE: before };
    expect(serverEnvironment(own, null)).toEqual(expected);
    expect(scriptEnvironment(own)).toEqual(expected);
  },
);

test('PG-3: a live process that a stale pid file names is announced to the server', () => {
  expect(serverEnvironment({}, 4711)).toEqual({ PG_GRANDPARENT_PID: '4711' });
});
