import { expect, test } from 'vitest';
import { lsn } from '../../../domain/lsn.ts';
import { timeline } from '../../../domain/timeline.ts';
import { type StandbyFacts, standbyTimelineReader } from './standby-timeline.ts';

const silent = standbyTimelineReader(() => Promise.resolve({ kind: 'no-answer', reason: 'a busy machine' }));
const standby = (facts: Partial<StandbyFacts>): StandbyFacts => ({
  life: '1 2026',
  walReceiver: null,
  replayLsn: lsn(0x300_2748n),
  control: null,
  ...facts,
});
const receiving = { status: 'streaming', timeline: timeline(2), latestEndLsn: null } as const;

test('what was received last holds while the server cannot say it, and not for the next server', async () => {
  expect(await silent(standby({ walReceiver: receiving }), 100)).toBe(2);
  expect(await silent(standby({}), 100)).toBe(2);
  expect(await silent(standby({ life: '2 2026' }), 100)).toBeNull();
});

test('a server that refuses us is not asked again with every look, but the next one is', async () => {
  let asked = 0;
  const refusing = standbyTimelineReader(() => {
    asked += 1;
    return Promise.resolve({ kind: 'refused', reason: 'no pg_hba.conf entry for replication connection' });
  });
  for (const replayLsn of [lsn(1n), lsn(2n), lsn(2n)]) expect(await refusing(standby({ replayLsn }), 100)).toBeNull();
  expect(asked).toBe(1);
  await refusing(standby({ life: '2 2026' }), 100);
  expect(asked).toBe(2);
});
