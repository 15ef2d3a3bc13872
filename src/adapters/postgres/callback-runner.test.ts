import { expect, test } from 'vitest';
import type { Callback } from '../../domain/callback.ts';
import { CallbackRunner } from './callback-runner.ts';

test.each([
  ['a path that leads through a file', '/etc/passwd/moves-address'],
  ['more words than a command may have', `/bin/true ${'x'.repeat(200_000)}`],
  ['no such file', '/no/such/command'],
])('a command that cannot be started is told, and the next one comes: %s', async (_name, command) => {
  const told: { readonly event: string; readonly action: unknown }[] = [];
  const log = {
    write: (_level: string, event: string, fields: Readonly<Record<string, unknown>>) =>
      void told.push({ event, action: fields['action'] }),
  };
  const instance = { config: { scope: 'test' }, environment: {}, log };
  const callbacks = new CallbackRunner(instance as unknown as ConstructorParameters<typeof CallbackRunner>[0]);
  const callback: Callback = { action: 'on_start', command, role: 'replica' };
  callbacks.run(callback);
  await expect.poll(() => told).toContainEqual({ event: 'callback-not-started', action: 'on_start' });
  callbacks.run({ ...callback, action: 'on_stop', command: '/bin/true' });
  await expect.poll(() => told.at(-1)).toEqual({ event: 'callback', action: 'on_stop' });
});
