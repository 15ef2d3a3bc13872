import { describe, expect, test } from 'vitest';
import { type Difference, decided, replica, type Situation } from '../../test/support/observations.ts';
import {
  A,
  behind,
  branch,
  C,
  HEAD,
  history,
  idleStandby,
  NOW,
  standbyAnswer,
} from '../../test/support/observed-parts.ts';
import { table } from '../../test/support/table.ts';
import { memberOf } from '../domain/cluster-view.ts';
import type { Divergence } from '../domain/memory.ts';
import type { MemberName } from '../domain/names.ts';
import { latestView } from '../domain/observation.ts';
import { earlier, millis } from '../domain/time.ts';
import { desiredStandby, upstreamOf } from './desired-postgres.ts';
import { remember } from './remember.ts';
import { wantedUpstream } from './whom-to-follow.ts';

const ofC = { host: '10.0.0.3', port: 5432, slot: null };
const since = earlier(NOW, millis(60_000));
const wasDry = { dryUpstreamSince: since };
const starved: Divergence = { kind: 'starved', leader: A, leaderTimeline: branch(3), why: 'removed' };

/** `b`, whose tag names `c`. */
const cascading = (difference: Difference): Situation => replica({ tags: { replicatefrom: 'c' }, ...difference });
const afterLook = ({ o, m }: Situation) => remember(m, o, { kind: 'report' });
const afterPicture = ({ o, m }: Situation) => remember(m, o, { kind: 'view', gapless: true });

for (const [what, seen] of [
  ['a look at PostgreSQL', afterLook],
  ['a picture of the cluster', afterPicture],
] as const) {
  describe(`whom \`replicatefrom\` names has no WAL for this member, as ${what} shows`, () => {
    table(seen, cascading, [
      ['it gets none itself', { members: { c: { replicationState: null } } }, { dryUpstreamSince: NOW }],
      ['it is followed and gives none', { server: idleStandby({ upstream: ofC }) }, { dryUpstreamSince: NOW }],
      ['since the first time', { server: idleStandby({ upstream: ofC }), memory: wasDry }, { dryUpstreamSince: since }],
      [
        'an archive may still give it',
        { server: idleStandby({ upstream: ofC, hasRestoreCommand: true }) },
        { dryUpstreamSince: null },
      ],
      [
        'the leader has not got it either: nobody is better off there',
        { server: idleStandby({ upstream: ofC }), memory: { divergence: starved } },
        { dryUpstreamSince: null },
      ],
      [
        'nor with the leader that was turned to instead',
        {
          server: idleStandby({ replayLsn: behind(1n), receiveLsn: null }),
          memory: { ...wasDry, divergence: starved },
        },
        { dryUpstreamSince: null },
      ],
      [
        'it has, as long as it gives some',
        { server: standbyAnswer({ upstream: ofC }), memory: wasDry },
        { dryUpstreamSince: null },
      ],
      ['it may have, while it was not followed', {}, { dryUpstreamSince: null }],
      [
        'not before this member has all that it has',
        { server: standbyAnswer({ receiveLsn: behind(1n), replayLsn: behind(1n) }), memory: wasDry },
        { dryUpstreamSince: since },
      ],
      ['it has what comes next then', { memory: wasDry }, { dryUpstreamSince: null }],
      [
        'unless it is more than a segment behind: it would refuse the start of this one',
        { members: { c: { position: behind(16_777_216n) } }, memory: wasDry },
        { dryUpstreamSince: since },
      ],
      [
        'and not while this server is down',
        { server: { kind: 'down' }, process: { kind: 'none' }, memory: wasDry },
        { dryUpstreamSince: since },
      ],
      [
        'it leads: then it is the one to ask',
        { tags: { replicatefrom: 'a' }, memory: wasDry },
        { dryUpstreamSince: null },
      ],
    ]);
  });
}

test('of two that name each other the first follows the leader, and the other one follows that', () => {
  const inCircle = { members: { c: { tags: { replicatefrom: 'b' } } } };
  expect(decided(cascading(inCircle)).rule).toBe('follow');
  expect(decided(cascading({ members: { c: { tags: {} } } })).rule).toBe('change-upstream');
});

test('whoever left it for want of WAL stays with the leader until then (seed 10016725)', () => {
  const lags = { server: standbyAnswer({ receiveLsn: behind(1n), replayLsn: behind(1n) }), memory: wasDry };
  expect(decided(cascading({ ...lags, observation: { leaderHistory: history() } }))).toMatchObject({ rule: 'follow' });
  expect(decided(cascading({ members: { c: { position: HEAD } } })).rule).toBe('change-upstream');
});

describe('whom a dry upstream was written instead of, or is, counts, not an older look', () => {
  const { o } = replica();
  const following = (name: MemberName) => {
    const view = latestView(o);
    return desiredStandby(o, view === null ? null : upstreamOf(o, memberOf(view, name)));
  };
  const dry = { dryUpstreamSince: NOW };
  const wanted = ({ o: seen, m }: Situation) => wantedUpstream(seen, m)?.member ?? null;
  table(wanted, cascading, [
    [
      'the leader it was left for, though a look shows it still',
      { server: idleStandby({ upstream: ofC }), memory: { ...dry, applied: following(A) } },
      A,
    ],
    [
      'it, for a loop, though a look still shows the leader',
      { server: idleStandby(), memory: { ...dry, applied: following(C) } },
      C,
    ],
    [
      'what runs, where nothing was written since the agent started',
      { server: idleStandby({ upstream: ofC }), memory: { ...dry, applied: null } },
      C,
    ],
  ]);
});
