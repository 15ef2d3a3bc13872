import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { expect, test } from 'vitest';
import { memberName } from '../domain/names.ts';
import { instant, millis, wallTime } from '../domain/time.ts';
import { createCurrentPeers } from './current-peers.ts';

const clock = { now: () => instant(0), wallNow: () => wallTime(0), suspended: () => 0 };
const peer = { member: memberName('n2'), apiUrl: 'https://127.0.0.1:1/patroni' };
const question = { limit: millis(1_000), maxAge: null };

test('a certificate that cannot be read is told, and keeps nobody from being there; once it can be, it is used', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'matriarch-peers-'));
  const caFile = join(folder, 'ca.crt');
  const told: unknown[] = [];
  try {
    const client = { tls: { caFile, certFile: null, keyFile: null }, insecure: true, auth: null };
    const log = { write: (_level: string, event: string) => void told.push(event) };
    const peers = createCurrentPeers(client, { clock, log });
    expect(told).toEqual(['configuration-refused']);
    expect(await peers.ask(peer, question)).toMatchObject({
      kind: 'no-answer',
      reason: expect.stringContaining('ca.crt'),
    });

    writeFileSync(caFile, rootCertificates[0]!);
    expect(await peers.ask(peer, question)).toMatchObject({
      kind: 'no-answer',
      reason: expect.stringContaining('ECONNREFUSED'),
    });
    expect(told).toHaveLength(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
