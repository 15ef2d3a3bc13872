import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Instance } from '../instance.ts';
import { archiveLast } from './archive-last.ts';

test('an archive that hangs is given its time, and the cluster that is made to follow another one goes on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'matriarch-archive-'));
  const spy = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => {
    const soon = new AbortController();
    setTimeout(() => soon.abort(), 50);
    return soon.signal;
  });
  onTestFinished(() => {
    spy.mockRestore();
    rmSync(folder, { recursive: true });
  });
  writeFileSync(join(folder, 'postgresql.conf'), '');
  const settings = '#!/bin/sh\ncase "$4" in archive_mode) echo on;; archive_command) echo exec sleep 60;; esac\n';
  writeFileSync(join(folder, 'postgres'), settings);
  chmodSync(join(folder, 'postgres'), 0o755);
  const told: string[] = [];
  const instance = {
    config: { postgres: { dataDir: folder, configDir: folder, binDir: folder, binNames: {} } },
    environment: process.env,
    readControl: () => Promise.resolve({ labels: new Map([["Latest checkpoint's REDO WAL file", 'x']]), data: null }),
    log: { write: (_level: string, event: string) => void told.push(event) },
  } as unknown as Instance;

  await archiveLast(instance, new AbortController().signal);
  expect(told).toEqual(['segment-not-archived']);
}, 10_000);
