import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { listenForAgent } from './listen.ts';

const folder = mkdtempSync(join(tmpdir(), 'matriarch-door-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('nobody but its own user talks to the guardian, whatever the umask was: an operator’s directory may be open', async () => {
  const path = join(folder, 'guardian.sock');
  const none = (): void => undefined;
  const door = await listenForAgent(path, { connected: none, disconnected: none, message: none });

  expect(statSync(path).mode & 0o777).toBe(0o600);
  door.close();
});
