import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';

/** A start is given up after 60 s, and the server left to go on. */
const START_GIVEN_UP_MS = 70_000;

test('a standby that was started alone, and needs WAL before it accepts anybody, follows who leads (seed 10302792)', () => {
  const story = new Scenario({ nodes: 2, rewind: { from: 500, to: 500 } }).untilHealthy().passes(5_000);
  const old = story.leader();
  const { agent, postgres } = story.node(old);
  const comes = (kind: string) => story.until(`PostgreSQL is ${kind}`, () => postgres.server.kind === kind, 30_000);
  const cutOff = { kind: 'cut-node', target: story.numberOf(old), from: 'peers', direction: 'both' } as const;

  // It comes back with more WAL than the other has, is rewound, and cut off before it has what its source wrote meanwhile.
  story.happens({ kind: 'power-off', target: 'leader', span: 20_000 }).untilLeaderIsNot(old, 10_000);
  story.until('it is rewound', () => agent.isWorking && postgres.files?.hasBackupLabel === true, 60_000);
  comes('starting');
  story.happens({ ...cutOff, span: 2 * START_GIVEN_UP_MS });
  story.passes(START_GIVEN_UP_MS);
  expect(postgres.server.kind).toBe('starting');

  // Killed, it is started alone, since its leader cannot be asked.
  story.happens({ kind: 'kill-postmaster', target: story.numberOf(old) });
  comes('down');
  story.until('it is started alone', () => postgres.server.kind === 'starting', 30_000);
  story.passes(START_GIVEN_UP_MS).untilHealthy(30_000);

  expect(story.violation, story.ending()).toBeNull();
});
