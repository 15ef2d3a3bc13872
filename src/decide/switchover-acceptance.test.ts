import { describe } from 'vitest';
import { decided, leader } from '../../test/support/observations.ts';
import {
  A,
  ahead,
  B,
  behind,
  branch,
  C,
  NOW,
  peer,
  requested,
  scheduledIn,
  silentPeer,
} from '../../test/support/observed-parts.ts';
import { concludes, runs, stays, table, waits } from '../../test/support/table.ts';
import type { FailoverRequest } from '../domain/cluster-view.ts';
import { revision, storeKey } from '../domain/names.ts';
import { earlier, millis } from '../domain/time.ts';

const asked = { peers: [peer('b'), peer('c')], observation: { peersAskedAt: earlier(NOW, millis(50)) } };
const wanted = (change: Partial<FailoverRequest>) => ({ ...asked, view: { failover: requested(change) } });
const removed = (rule: 'switchover-refused' | 'request-fulfilled') =>
  concludes(rule, {
    kind: 'write',
    write: {
      key: storeKey('failover'),
      action: { kind: 'put', value: { kind: 'json', json: {} } },
      when: [{ kind: 'mod-revision-is', revision: revision(95n) }],
    },
  });
const refused = removed('switchover-refused');
const accepted = runs('switchover-accepted', { kind: 'stop', mode: 'fast', checkpointFirst: true });

describe('a switchover is accepted', () => {
  table(decided, leader, [
    ['CC116: to a healthy candidate', wanted({}), accepted],
    ['to anybody healthy, when nobody is named', wanted({ candidate: null }), accepted],
    ['CC123: a manual failover names no leader', wanted({ leader: null }), accepted],
    [
      'after the candidate was asked',
      { ...wanted({}), peers: [], observation: { peersAskedAt: null } },
      concludes('switchover-ask', { kind: 'ask-peers', members: [B] }),
    ],
    ['which has a moment to answer', { ...wanted({}), peers: [] }, waits('wait-for-peers')],
    ['a scheduled one when its time has come', wanted({ schedule: scheduledIn(0) }), accepted],
    ['CC119: even a little late', wanted({ schedule: scheduledIn(-15) }), accepted],
    [
      'the stop takes as long as the configuration allows',
      { ...wanted({}), dynamic: { primary_stop_timeout: 5 } },
      runs('switchover-accepted', { kind: 'stop', timeout: millis(5_000) }),
    ],
    [
      'without a configured limit, as long as it takes',
      wanted({}),
      runs('switchover-accepted', { kind: 'stop', timeout: null }),
    ],
    [
      'right after a change of leader the others have time to follow',
      {
        ...wanted({}),
        peers: [peer('b', { timeline: branch(2) })],
        memory: { acquired: { createRevision: revision(50n), at: earlier(NOW, millis(700)), how: 'race' } },
      },
      waits('switchover-ask'),
    ],
    [
      'but not for ever',
      {
        ...wanted({}),
        peers: [peer('b', { timeline: branch(2) })],
        memory: { acquired: { createRevision: revision(50n), at: earlier(NOW, millis(7_000)), how: 'race' } },
      },
      refused,
    ],
    [
      'one that is younger than my lock counts',
      { ...wanted({}), memory: { acquired: { createRevision: revision(94n), at: NOW, how: 'race' } } },
      accepted,
    ],
  ]);
});

describe('a switchover waits', () => {
  table(decided, leader, [
    ['until its time has come', wanted({ schedule: scheduledIn(1) }), stays('lead')],
    [
      'it is not even looked into before',
      { ...wanted({ schedule: scheduledIn(1) }), members: { b: null } },
      stays('lead'),
    ],
    ['while I am leaving anyway', { ...wanted({}), memory: { leaving: NOW } }, runs('leaving-stop', { kind: 'stop' })],
  ]);
});

describe('a switchover is refused, and the request removed unless it changed since', () => {
  table(decided, leader, [
    [
      'CC117: when it leads away from another leader',
      { ...wanted({ leader: C }), memory: { acquired: null } },
      refused,
    ],
    ['P4: when it leads to me', { ...wanted({ leader: null, candidate: A }), memory: { acquired: null } }, refused],
    ['CC119: when its time is over', wanted({ schedule: scheduledIn(-16) }), refused],
    ['C-48: long over', wanted({ schedule: scheduledIn(-180) }), refused],
    ['CC120: when nobody can read its time', wanted({ schedule: { kind: 'unreadable', text: 'soon' } }), refused],
    ['when its candidate is no member', { ...wanted({}), members: { b: null } }, refused],
    [
      'CC118: when its candidate may not lead',
      { ...wanted({}), members: { b: { tags: { nofailover: true } } } },
      refused,
    ],
    [
      'when its candidate says so itself',
      { ...wanted({}), peers: [peer('b', { tags: { failover_priority: 0 } })] },
      refused,
    ],
    [
      'when its candidate does not answer, although others do',
      { ...wanted({}), peers: [silentPeer('b'), peer('c')] },
      refused,
    ],
    [
      'when its candidate lags too far',
      { ...wanted({}), peers: [peer('b', { position: behind(1_048_577n) })] },
      refused,
    ],
    [
      'when its candidate is on another timeline',
      { ...wanted({}), peers: [peer('b', { timeline: branch(2), position: ahead(9n) })] },
      refused,
    ],
    [
      'also on a newer one, which nobody who streams from here is on',
      { ...wanted({}), peers: [peer('b', { timeline: branch(4), position: ahead(9n) })] },
      refused,
    ],
    [
      'when its candidate says that it has parted from this leader',
      { ...wanted({}), peers: [peer('b', { isDiverged: true })] },
      refused,
    ],
    [
      'when its candidate says that its pre_promote said no a moment ago',
      { ...wanted({}), peers: [peer('b', { keepsOut: true })] },
      refused,
    ],
    [
      'when its candidate believes to be a primary',
      { ...wanted({}), peers: [peer('b', { recovery: 'primary', position: null })] },
      refused,
    ],
    [
      'when nobody healthy is left',
      { ...wanted({ candidate: null }), peers: [silentPeer('b'), silentPeer('c')] },
      refused,
    ],
  ]);
});

describe('a request that has done its work is removed', () => {
  const won = { memory: { acquired: { createRevision: revision(99n), at: NOW, how: 'race' } } } as const;
  const fulfilled = removed('request-fulfilled');
  table(decided, leader, [
    ['C-47: it led to me', { ...wanted({ leader: C, candidate: A }), ...won }, fulfilled],
    ['CC91: it led away from the leader before me', { ...wanted({ leader: C, candidate: B }), ...won }, fulfilled],
    [
      'it led away from me, nobody took the lock, and I have it again: once is enough',
      { ...wanted({}), ...won },
      fulfilled,
    ],
    ['not so a schedule that is still to come', { ...wanted({ schedule: scheduledIn(60) }), ...won }, stays('lead')],
    [
      'a restarted agent has won nothing: the request still counts',
      { ...wanted({}), memory: { acquired: { createRevision: revision(50n), at: NOW, how: 'adopted' } } },
      accepted,
    ],
  ]);
});
