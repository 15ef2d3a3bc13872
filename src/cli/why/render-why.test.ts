import { expect, test } from 'vitest';
import { lsnOf, NOW, replicaSnapshot, WALL_NOW } from '../../../test/support/node-snapshot.ts';
import type { Memory } from '../../domain/memory.ts';
import { memberName } from '../../domain/names.ts';
import { ruleName } from '../../domain/rule.ts';
import { millis } from '../../domain/time.ts';
import { timeline } from '../../domain/timeline.ts';
import { decisionDocument } from '../../wire/rest/decision-document.ts';
import { readDecision } from '../../wire/rest/read-decision.ts';
import { renderSpacedJson } from '../../wire/rest/spaced-json.ts';
import { localTime } from '../local-time.ts';
import { type Explained, renderWhy } from './render-why.ts';

/** `n2` took over from `n1`. */
const memory: Partial<Memory> = {
  race: {
    outcome: 'won',
    rule: ruleName('campaign'),
    at: WALL_NOW,
    facts: { peers: 2 },
    former: { name: memberName('n1'), end: 'lease-ended' },
    unledFor: millis(112),
    renewedBefore: millis(5_112),
    own: { name: memberName('n2'), timeline: timeline(4), position: lsnOf(83_886_176n) },
    others: [
      { name: memberName('n1'), timeline: null, position: null, because: 'not asked: its lease had ended' },
      { name: memberName('n3'), timeline: timeline(4), position: lsnOf(83_886_000n), because: 'is 176 bytes behind' },
    ],
  },
  roleChange: { to: 'primary', rule: ruleName('promote'), at: WALL_NOW, facts: { how: 'race' } },
};
const at = localTime(WALL_NOW);

/** As the agent tells it and the command line reads it. */
function why(given: Partial<Memory> = memory, change: Partial<Explained> = {}): string {
  const told = readDecision(renderSpacedJson(decisionDocument(replicaSnapshot({ memory: given }), NOW)));
  if (told === null) throw new Error('the document is readable');
  const ruleSays = (rule: string) => (rule === 'campaign' ? 'Nobody is better.' : null);
  return renderWhy({ cluster: 'demo', member: 'n2', leader: 'n2', told, trouble: null, ruleSays, ...change });
}

test('after a failover: rule, last renewal, candidates with their positions, and why they lost', () => {
  expect(why()).toBe(
    [
      'n2 leads cluster demo.',
      '',
      `${at} it took the lock by rule campaign (peers: 2): Nobody is better.`,
      'Before, n1 led, and its lease ended: it was last renewed at least 5.1 s before.',
      'Nobody had the lock for 112 ms.',
      'Candidates:',
      '+--------+----+-----------+--------------------------------+',
      '| Member | TL |       LSN | Lost because                   |',
      '+--------+----+-----------+--------------------------------+',
      '| n2     |  4 | 0/5000060 | (won)                          |',
      '| n1     |    |   unknown | not asked: its lease had ended |',
      '| n3     |  4 | 0/4FFFFB0 | is 176 bytes behind            |',
      '+--------+----+-----------+--------------------------------+',
      '',
      `${at} its PostgreSQL became a primary by rule promote (how: race).`,
      '',
      `Since ${at} it goes by rule stay.`,
      '',
    ].join('\n'),
  );
});

test('of a lease whose length nobody saw, no renewal is told', () => {
  const race = memory.race ?? null;
  const told = why({ ...memory, race: race === null ? null : { ...race, renewedBefore: null } });
  expect(told).toContain('\nBefore, n1 led, and its lease ended.\nNobody had the lock for 112 ms.\n');
});

test('a lock that was given up, and one that nobody saw go', () => {
  const ended = (end: 'lock-removed' | 'unseen') => {
    const race = memory.race ?? null;
    const former = { name: memberName('n1'), end };
    return why({ ...memory, race: race === null ? null : { ...race, former, renewedBefore: null } });
  };

  expect(ended('lock-removed')).toContain('its lock was given up or deleted while its lease still ran.\n');
  expect(ended('unseen')).toContain('Before, n1 led; how that ended was not seen.\n');
});

test('a member that follows tells what it was, and not of a race that it once won', () => {
  const demoted = { to: 'demoted', rule: ruleName('lock-lost'), at: WALL_NOW, facts: {} } as const;
  const text = why({ ...memory, roleChange: demoted }, { leader: 'n1' });

  expect(text).toContain('n2 does not lead cluster demo: n1 leads.\n');
  expect(text).toContain(`${at} its PostgreSQL ceased to be a primary by rule lock-lost.\n`);
  expect(text).not.toContain('took the lock');
  expect(why({}, { leader: null })).toContain(
    'nobody leads.\n\nSince its agent started, n2 has not become or ceased to be a primary.\n',
  );
});

test('a race that was lost or is not over is not told as won', () => {
  const race = memory.race ?? null;

  expect(why({ race: race === null ? null : { ...race, outcome: 'failed' } })).not.toContain('Candidates');
});

test('what is not a decision of ours is none', () => {
  expect(readDecision('{"state": "running"}')).toBeNull();
  expect(readDecision('garbage')).toBeNull();
});
