import { expect, test } from 'vitest';
import { serverEnvironment } from './environment.ts';

test("the agent's own settings and the service manager's socket do not reach the server", () => {
  const own = { PATH: '/bin', PATRONI_X: 'y', KUBERNETES_Z: '1', NOTIFY_SOCKET: '/s', PG_MALLOC_ARENA_MAX: '1' };
  expect(serverEnvironment(own, null)).toEqual({ PATH: '/bin', MALLOC_ARENA_MAX: '1' });
});

test('a live process that a stale pid file names is announced to the server', () => {
  expect(serverEnvironment({}, 4711)).toEqual({ PG_GRANDPARENT_PID: '4711' });
});
