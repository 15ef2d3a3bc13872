import { describe } from 'vitest';
import { type Difference, decided, leader } from '../../test/support/observations.ts';
import { branch, idleStandby, LOCK, NOW, peer } from '../../test/support/observed-parts.ts';
import { concludes, table, waits } from '../../test/support/table.ts';
import { memberName } from '../domain/names.ts';
import { desiredStandby } from './desired-postgres.ts';
import { remoteUpstream } from './remote-source.ts';

const REMOTE = memberName('remote_member:10.9.0.1:5433');
const dynamic = { standby_cluster: { host: '10.9.0.1', port: 5433 } };
const paused = { ...dynamic, pause: true };
const starved = { kind: 'starved', leader: REMOTE, leaderTimeline: branch(3), why: 'removed' } as const;
const upstream = { host: '10.9.0.1', port: 5433, slot: null };

/** `a` leads the standby cluster, runs, has parted from the remote, and may be neither rewound nor copied. */
function parted(difference: Difference = {}) {
  const { o, m } = leader({
    dynamic,
    server: idleStandby({ upstream: null }),
    directory: { signal: 'standby' },
    effective: { usePgRewind: false },
    observation: { peersAskedAt: NOW },
    ...difference,
    memory: {
      role: 'standby_leader',
      reign: null,
      divergence: { kind: 'diverged', leader: REMOTE, leaderTimeline: branch(4), why: 'beyond' },
      ...difference.memory,
    },
  });
  return { o, m: { ...m, applied: desiredStandby(o, remoteUpstream(o)) } };
}

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
    [
      'H2: nor is it given up in a pause, in which nobody could take it',
      { dynamic: paused, peers: [peer('b'), peer('c')] },
      concludes('ask-leader-history', { kind: 'ask-history' }),
    ],
    [
      'H2: nor where it is to be rewound, which a pause forbids',
      { dynamic: paused, effective: { usePgRewind: true } },
      waits('pause-leave-alone'),
    ],
    [
      'H2: nor where it would be copied',
      { dynamic: paused, effective: { removeDataOnDivergedTimelines: true }, memory: { divergence: starved } },
      waits('pause-leave-alone'),
    ],
    [
      'H2: nor where it waits for a restart with more of what the remote has raised',
      {
        dynamic: paused,
        server: idleStandby({ upstream, insufficient: ['max_connections'], replayPaused: true }),
        memory: { divergence: { kind: 'fits', leader: REMOTE, leaderTimeline: branch(3) } },
      },
      waits('pause-leave-alone'),
    ],
  ]);
});
