import { describe } from 'vitest';
import { candidate, crashed, decided, formerPrimary, leader, paused, winner } from '../../test/support/observations.ts';
import {
  behind,
  C,
  LATER_LOCK,
  LOCK,
  lockOf,
  NOW,
  peer,
  requested,
  scheduledIn,
  silentPeer,
} from '../../test/support/observed-parts.ts';
import { voters } from '../../test/support/sync-situation.ts';
import { concludes, runs, stays, table, waits } from '../../test/support/table.ts';
import { later, seconds } from '../domain/time.ts';

const notHeld = { lock: { kind: 'not-held' } } as const;
const unlocked = { lock: null } as const;
const handingOver = { crash: null, handOver: { candidate: C, since: NOW } } as const;
const broken = { directory: { kind: 'inaccessible', reason: 'input/output error' } } as const;

describe('a manual request to a named candidate is carried out in a pause', () => {
  const toC = { failover: requested({ candidate: C }) };
  const toMe = { ...unlocked, failover: requested() };
  const asked = { peers: [peer('c')], observation: { peersAskedAt: NOW } };
  table(decided, paused(leader), [
    ['CC121: the leader stops', { view: toC, ...asked }, runs('switchover-accepted', { kind: 'stop', mode: 'fast' })],
    [
      'CC121: a request that names nobody is removed',
      { view: { failover: requested({ candidate: null }) } },
      concludes('switchover-refused', { kind: 'write' }),
    ],
    [
      'a scheduled one waits for the end of the pause',
      { view: { failover: requested({ candidate: C, schedule: scheduledIn(-5) }) } },
      stays('pause-keep-lock'),
    ],
  ]);
  const stoppedFor = { view: toC, ...asked, memory: handingOver };
  table(decided, paused(crashed), [
    ['the lock follows', stoppedFor, concludes('switchover-release', { kind: 'release-lock' })],
    [
      'also when its release was refused before',
      { ...stoppedFor, ...notHeld },
      concludes('switchover-release', { kind: 'release-lock' }),
    ],
    [
      'and when the disk does not answer any more, with the position that was read before (seed 10006478)',
      { ...stoppedFor, ...notHeld, ...broken, memory: { ...handingOver, shutDownAt: behind(120n) } },
      concludes('release-without-data', { kind: 'release-lock', createRevision: LOCK, lastLsn: behind(120n) }),
    ],
    ['not before anything was read', { ...stoppedFor, ...notHeld, ...broken }, waits('pause-leave-alone')],
    [
      'whom it is for is asked first',
      { ...stoppedFor, peers: [], observation: { peersAskedAt: null } },
      concludes('switchover-ask', { kind: 'ask-peers' }),
    ],
    [
      'who is gone gets no lock: the primary goes on',
      { ...stoppedFor, peers: [silentPeer('c')] },
      runs('restart-same-reign', { kind: 'start', desired: { standby: null } }),
    ],
    [
      'so it does where the pause came after the stop was begun, and in a pause nobody is asked for',
      { ...stoppedFor, view: { failover: requested({ candidate: null }) } },
      runs('restart-same-reign', { kind: 'start', desired: { standby: null } }),
    ],
    [
      'or not before it is over',
      { ...stoppedFor, view: { failover: requested({ candidate: C, schedule: scheduledIn(-5) }) } },
      runs('restart-same-reign', { kind: 'start', desired: { standby: null } }),
    ],
    [
      'once its lock is proven',
      { ...stoppedFor, ...notHeld, view: { failover: null } },
      concludes('adopt-own-lock', { kind: 'adopt-lock' }),
    ],
  ]);
  const withQuorum = {
    dynamic: { synchronous_mode: 'quorum' },
    view: { ...toMe, sync: { ...voters('b,c'), quorum: 1 } },
  } as const;
  table(decided, paused(candidate), [
    ['with a quorum the candidate has the votes first', withQuorum, concludes('campaign', { kind: 'acquire-lock' })],
    [
      'which it asks for',
      { ...withQuorum, peers: [], observation: { peersAskedAt: null } },
      concludes('ask-peers', { kind: 'ask-peers' }),
    ],
    ['and leaves the lock without them', { ...withQuorum, peers: [silentPeer('c')] }, waits('votes-missing')],
    [
      'a manual failover needs none',
      { ...withQuorum, peers: [], view: { ...withQuorum.view, failover: requested({ leader: null }) } },
      concludes('campaign', { kind: 'acquire-lock' }),
    ],
    ['CC92: the candidate takes the lock', { view: toMe }, concludes('campaign', { kind: 'acquire-lock' })],
    ['not when it is tagged nofailover', { view: toMe, tags: { nofailover: true } }, stays('pause-leave-alone')],
    ['not when it is somebody else', { view: { ...unlocked, ...toC } }, stays('pause-leave-alone')],
    [
      'not for a scheduled request',
      { view: { ...unlocked, failover: requested({ schedule: scheduledIn(-5) }) } },
      stays('pause-leave-alone'),
    ],
    ['not on a picture that is not the last', { view: toMe, store: 'unsettled' }, stays('pause-leave-alone')],
  ]);
  table(decided, paused(winner), [
    [
      'CC92: and is promoted',
      { view: { lock: lockOf('b'), failover: requested() } },
      runs('promote', { kind: 'promote' }),
    ],
    [
      'after its pre_promote has said no it keeps the lock, and is promoted when that says yes',
      { view: { lock: lockOf('b'), failover: requested() }, memory: { vetoedAt: NOW } },
      runs('promote', { kind: 'promote' }),
    ],
    [
      'without a request nobody is promoted: the lock is given up',
      {},
      concludes('pause-release', { kind: 'release-lock', createRevision: LATER_LOCK }),
    ],
  ]);
  table(decided, paused(formerPrimary), [
    [
      'the former leader waits for its successor',
      { view: unlocked, memory: { ...handingOver, yielded: { to: C, until: later(NOW, seconds(1)) } } },
      waits('pause-leave-alone'),
    ],
    [
      'and serves reads when nobody has taken the lock: whoever lacks something gets it',
      { view: unlocked, memory: handingOver },
      runs('start-without-leader', { kind: 'start', desired: { standby: { upstream: null } } }),
    ],
    [
      'and follows it, PostgreSQL being started again',
      { view: { lock: lockOf('c') }, memory: { handOver: { candidate: C, since: NOW } } },
      runs('start-follow', { kind: 'start', desired: { standby: { upstream: { member: 'c' } } } }),
    ],
    [
      'in a cluster that follows another one not before it was asked',
      {
        dynamic: { pause: true, standby_cluster: { host: '10.9.0.1' } },
        view: { lock: lockOf('c') },
        memory: { handOver: { candidate: C, since: NOW } },
      },
      runs('start-follow', { kind: 'start', desired: { standby: { upstream: null } } }),
    ],
  ]);
});
