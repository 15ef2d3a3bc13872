/** Debian's promtool: what Prometheus would say to our metrics and to the rules that we ship. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createMeters } from '../../src/adapters/meters/create-meters.ts';
import type { NodeSnapshot } from '../../src/domain/node-snapshot.ts';
import { millis } from '../../src/domain/time.ts';
import { metricsText } from '../../src/wire/rest/metrics/metrics-text.ts';
import { nodeFacts } from '../../src/wire/rest/node-facts.ts';
import { run } from '../support/command.ts';
import { leaderSnapshot, NOW, replicaSnapshot } from '../support/node-snapshot.ts';

const packaging = join(import.meta.dirname, '../../packaging');
const meters = createMeters();
meters.stepTook(millis(1));
for (const request of ['grant', 'keep-alive', 'read-lock', 'write'] as const) {
  meters.storeAnswered(request, millis(3));
  meters.storeAnswered(request, null);
}
meters.promoted({ reason: 'lease-ended', writeGap: millis(5_000) });

function metrics(snapshot: NodeSnapshot): string {
  return metricsText({ snapshot, facts: nodeFacts(snapshot, NOW), readings: meters.readings(), now: NOW });
}

describe('promtool', () => {
  test.each([
    ['a primary', leaderSnapshot()],
    ['a replica', replicaSnapshot()],
    ['a member with a strange name', leaderSnapshot({ observation: strangeName() })],
  ])('reads the metrics of %s, and finds nothing wrong with ours', async (_who, snapshot) => {
    // It also has opinions on names, and those of Patroni are as they are: then it ends with status 3.
    const said = await run(['promtool', 'check', 'metrics'], { input: metrics(snapshot) }).catch(String);

    expect(said).not.toMatch(/error while linting|text format parsing error/);
    expect(said.split('\n').filter((line) => line.startsWith('matriarch_'))).toEqual([]);
  });

  test('takes the alert rules, and each of them fires when it should', async () => {
    const rules = join(packaging, 'prometheus/matriarch-rules.yml');

    expect(await run(['promtool', 'check', 'rules', rules])).toContain('SUCCESS');
    const tests = join(packaging, 'prometheus/matriarch-rules.test.yml');
    expect(await run(['promtool', 'test', 'rules', tests])).toContain('SUCCESS');
  });
});

test.each(['prometheus/matriarch-rules.yml', 'grafana/matriarch.json'])(
  '%s asks for metrics that there are',
  (file) => {
    const text = readFileSync(join(packaging, file), 'utf8');
    const asked = new Set([...text.matchAll(/\b(?:patroni|matriarch)_[a-z_]+/g)].map(([name]) => name));
    const told = `${metrics(leaderSnapshot())}${metrics(replicaSnapshot())}`;

    expect(asked.size).toBeGreaterThan(10);
    expect([...asked].filter((name) => !told.includes(`\n${name}{`))).toEqual([]);
  },
);

function strangeName() {
  const { config } = leaderSnapshot().observation;
  return { config: { ...config, scope: 'a"b\\c\nd e{}', tags: {} } };
}
