import { describe, expect, test } from 'vitest';
import { A, ahead, B, behind, branch, C, HEAD, peer, silentPeer } from '../../test/support/observed-parts.ts';
import { table } from '../../test/support/table.ts';
import type { MemberName } from '../domain/names.ts';
import type { PeerAnswer } from '../domain/peer.ts';
import { type Candidate, type RaceResult, whoWins } from './who-wins.ts';

type Race = {
  readonly me?: Partial<Candidate>;
  readonly against: readonly PeerAnswer[];
  readonly former?: MemberName;
  readonly least?: bigint;
  readonly prefers?: boolean;
};

function race({ me, against, former = A, least, prefers = true }: Race): RaceResult {
  const candidate = { name: B, timeline: branch(3), position: HEAD, priority: 1, ...me };
  return whoWins(candidate, against, { former, key: null, least: least ?? null, prefers });
}

const mine = { kind: 'mine' };
const theirs = (reason: Extract<RaceResult, { kind: 'theirs' }>['reason'], to = 'c') => ({
  kind: 'theirs',
  reason,
  to,
});

describe('who wins among candidates', () => {
  table(race, (given: Race) => given, [
    ['CC66: equal candidates both try, and the store decides', { against: [peer('c')] }, mine],
    ['CC67: one byte more wins', { against: [peer('c', { position: ahead(1n) })] }, theirs('position')],
    ['one byte less does not', { against: [peer('c', { position: behind(1n) })] }, mine],
    ['CC68: whoever is ahead and does not answer neither blocks nor helps', { against: [silentPeer('c')] }, mine],
    [
      'timeline before position: an isolated old primary may hold more WAL on a branch that nobody follows',
      { against: [peer('c', { timeline: branch(2), position: ahead(1_000n) })] },
      mine,
    ],
    [
      'a newer timeline wins, however little lies on it',
      { against: [peer('c', { timeline: branch(4), position: behind(1_000n) })] },
      theirs('timeline'),
    ],
    [
      'a timeline that is not known decides nothing: the position does',
      { me: { timeline: null }, against: [peer('c', { position: ahead(1n) })] },
      theirs('position'),
    ],
    [
      'an unknown timeline counts as the newest known, so that the order has no circle',
      {
        against: [
          peer('c', { timeline: branch(1), position: ahead(10n) }),
          peer('d', { timeline: null, position: behind(5n) }),
        ],
      },
      mine,
    ],
    [
      'CC71: a living primary comes before everybody',
      { against: [peer('c', { recovery: 'primary', position: null })] },
      theirs('primary'),
    ],
    [
      'liveness before limitation: a primary that may not lead is a primary all the same',
      { against: [peer('c', { recovery: 'primary', tags: { nofailover: true } })] },
      theirs('primary'),
    ],
    [
      'a member that may never lead is no rival, however far ahead',
      { against: [peer('c', { position: ahead(99n), tags: { nofailover: true } })] },
      mine,
    ],
    [
      'neither is one whose watchdog failed',
      { against: [peer('c', { position: ahead(99n), watchdogFailed: true })] },
      mine,
    ],
    [
      'nor one that has parted from the last leader, whatever timeline it is on',
      { against: [peer('c', { timeline: branch(4), isDiverged: true })] },
      mine,
    ],
    [
      'where all have parted from what they followed, the best of them does',
      { me: { isParted: true }, against: [peer('c', { position: ahead(1n), isDiverged: true })] },
      theirs('position'),
    ],
    [
      'who has not goes first',
      { me: { isParted: true }, against: [peer('c', { position: behind(1n) })] },
      theirs('timeline'),
    ],
    ['nor one that does not say its position', { against: [peer('c', { position: null })] }, mine],
    [
      'whatever timeline it says that it is on: it may not campaign either',
      { against: [peer('c', { position: null, timeline: branch(4) })] },
      mine,
    ],
    [
      'nor does its timeline count as the newest',
      {
        me: { timeline: null },
        against: [peer('c', { position: null, timeline: branch(4) }), peer('d', { position: ahead(1n) })],
      },
      theirs('position', 'd'),
    ],
    [
      'whom maximum_lag_on_failover keeps out is no rival either, whatever timeline it is on',
      { against: [peer('c', { position: behind(11n), timeline: branch(4) })], least: behind(10n) },
      mine,
    ],
    [
      'nor does its timeline count as the newest, when another one is not known',
      {
        me: { timeline: null },
        against: [peer('c', { position: behind(11n), timeline: branch(4) }), peer('d', { position: ahead(1n) })],
        least: behind(10n),
      },
      theirs('position', 'd'),
    ],
    [
      'at the limit it is one',
      { against: [peer('c', { position: behind(10n), timeline: branch(4) })], least: behind(10n) },
      theirs('timeline'),
    ],
    [
      'a primary is alive, however far behind',
      { against: [peer('c', { recovery: 'primary', position: behind(11n) })], least: behind(10n) },
      theirs('primary'),
    ],
    [
      'CC73: among equals the higher failover_priority wins',
      { against: [peer('c', { tags: { failover_priority: 2 } })] },
      theirs('priority'),
    ],
    [
      'CC73: but not that of the former leader',
      { against: [peer('c', { tags: { failover_priority: 2 } })], former: C },
      mine,
    ],
    [
      'which is ahead all the same when it is',
      { against: [peer('c', { position: ahead(1n) })], former: C },
      theirs('position'),
    ],
    [
      'not for ever: what keeps it from the lock is not known here (seed 32136892)',
      { against: [peer('c', { tags: { failover_priority: 2 } })], prefers: false },
      mine,
    ],
    [
      'a priority never outweighs a byte',
      { against: [peer('c', { tags: { failover_priority: 9 }, position: behind(1n) })] },
      mine,
    ],
    ['the lower priority loses', { me: { priority: 2 }, against: [peer('c')] }, mine],
  ]);

  test('the beaten are told with the reason of each', () => {
    const result = race({ against: [silentPeer('a'), peer('c', { position: behind(7n) })] });

    expect(result).toMatchObject({ kind: 'mine', beaten: [{ alternative: 'a' }, { alternative: 'c' }] });
  });
});
