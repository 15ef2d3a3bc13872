/** Lives that were recorded beside real servers, lived again without them (scripts/traces.ts). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { TracedMachine } from '../../src/ports/trace.ts';
import { contradictionsIn, differencesIn, type MemberTrace } from '../support/traces.ts';

const folder = join(import.meta.dirname, '../fixtures/traces');

describe.each(readdirSync(folder))('%s', (cluster) => {
  const traces = readdirSync(join(folder, cluster)).map((file) => readFixture(cluster, file));

  test('every machine decides and does what it did then', () => {
    expect(traces.length).toBeGreaterThanOrEqual(9);
    expect(differencesIn(traces)).toEqual([]);
  });

  test('the servers did what the models do', () => {
    expect(contradictionsIn(traces)).toEqual([]);
  });
});

function readFixture(cluster: string, file: string): MemberTrace {
  const [member = '', machine = ''] = file.split('.');
  const lines = gunzipSync(readFileSync(join(folder, cluster, file)))
    .toString()
    .split('\n');
  return { member, machine: machineNamed(machine), lines };
}

function machineNamed(text: string): TracedMachine {
  if (text === 'agent' || text === 'heartbeat' || text === 'guardian') return text;
  throw new Error(`no machine: ${text}`);
}
