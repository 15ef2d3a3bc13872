import { describe } from 'vitest';
import { type Difference, decided, leader } from '../../test/support/observations.ts';
import { branch, idleStandby, LOCK, NOW, peer } from '../../test/support/observed-parts.ts';
import { concludes, table } from '../../test/support/table.ts';
import { memberName } from '../domain/names.ts';

const REMOTE = memberName('remote_member:10.9.0.1:5433');

/** `a` leads the standby cluster, runs, has parted from the remote, and may be neither rewound nor copied. */
const parted = (difference: Difference = {}) =>
  leader({
    dynamic: { standby_cluster: { host: '10.9.0.1', port: 5433 } },
    server: idleStandby({ upstream: null }),
    directory: { signal: 'standby' },
    effective: { usePgRewind: false },
    observation: { peersAskedAt: NOW },
    ...difference,
    memory: {
      role: 'standby_leader',
      reign: null,
      divergence: { kind: 'diverged', leader: REMOTE, leaderTimeline: branch(4), why: 'beyond' },
    },
  });

describe('the leader of a standby cluster, parted from the remote and left to a person', () => {
  table(decided, parted, [
    ['the others are asked', { observation: {} }, concludes('ask-peers', { kind: 'ask-peers' })],
    [
      'the lock goes to whoever can take it',
      { peers: [peer('b', { isDiverged: true }), peer('c')] },
      concludes('give-up-parted', { kind: 'release-lock', createRevision: LOCK, lastLsn: null }),
    ],
    [
      'it stays where all have parted from the remote',
      { peers: [peer('b', { isDiverged: true }), peer('c', { isDiverged: true })] },
      concludes('ask-leader-history', { kind: 'ask-history' }),
    ],
  ]);
});
