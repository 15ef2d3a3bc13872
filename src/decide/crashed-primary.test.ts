import { describe } from 'vitest';
import { crashed, type Difference, decided, type Situation, winner } from '../../test/support/observations.ts';
import {
  A,
  ahead,
  B,
  behind,
  branch,
  C,
  HEAD,
  held,
  LATER_LOCK,
  LOCK,
  NOW,
  peer,
  silentPeer,
} from '../../test/support/observed-parts.ts';
import { KEY_REVISION, voters } from '../../test/support/sync-situation.ts';
import { concludes, runs, table, waits } from '../../test/support/table.ts';
import { revision } from '../domain/names.ts';
import { earlier, later, millis, seconds } from '../domain/time.ts';
import { SYNC_NAMES } from './desired-postgres.ts';
import { noSyncMemory } from './remember-sync.ts';

const healthy = { peers: [peer('b'), peer('c')], observation: { peersAskedAt: NOW } };
const nobody = { peers: [silentPeer('b'), silentPeer('c')], observation: { peersAskedAt: NOW } };
const failedOnce = { crash: { since: NOW, attempts: 1 } };
const ledAMomentAgo = { lsn: HEAD, timeline: branch(3), at: earlier(NOW, seconds(9)), movedAt: NOW };
const asPrimary = { kind: 'start', desired: { standby: null } } as const;
const cleanly = { state: 'shut down', checkpointLsn: HEAD } as const;
const adopted = { createRevision: LOCK, at: earlier(NOW, seconds(1)), how: 'adopted' } as const;
const takenUpAgain = { acquired: adopted, position: ledAMomentAgo };
const released = { kind: 'release-lock', createRevision: LOCK } as const;

describe('the lock is mine and PostgreSQL is down', () => {
  table(decided, crashed, [
    [
      'CC57: a crashed primary is started again at once, on the same timeline',
      {},
      runs('restart-in-place', { kind: 'start' }),
    ],
    [
      'it starts as a primary, not as a standby',
      { control: { state: 'in production' } },
      { action: { task: asPrimary } },
    ],
    [
      'a restored store gave the lock back to who was being rewound: nothing starts from there, and the lock is given up',
      { directory: { isHalfRewound: true }, ...nobody },
      concludes('release-without-data', released),
    ],
    ['it waits for no peer and asks none', { peers: [] }, runs('restart-in-place', { kind: 'start' })],
    [
      'but where its lock was taken up again meanwhile: that may be out of a backup of the store',
      { memory: takenUpAgain, peers: [] },
      concludes('ask-peers', { kind: 'ask-peers', members: [B, C] }),
    ],
    [
      'nobody is on a newer timeline: it goes on',
      { memory: takenUpAgain, ...healthy },
      runs('restart-in-place', asPrimary),
    ],
    [
      'somebody is: it starts as a standby, and asks once more',
      { memory: takenUpAgain, ...healthy, peers: [peer('b', { timeline: branch(4) }), peer('c')] },
      runs('start-to-promote', { kind: 'start', desired: { standby: { upstream: null } } }),
    ],
    [
      'after a start that failed, the others are asked who could take over',
      { memory: failedOnce, peers: [] },
      concludes('ask-peers', { kind: 'ask-peers', members: [B, C] }),
    ],
    [
      'CC60: somebody could: the lock is given up',
      { memory: failedOnce, ...healthy },
      concludes('give-up-crashed-primary', released),
    ],
    [
      'nobody could: it is tried again, however often',
      { memory: failedOnce, ...nobody },
      runs('keep-trying-alone', asPrimary),
    ],
    [
      'CC58: with primary_start_timeout 0 it is not even tried once',
      { dynamic: { primary_start_timeout: 0 }, ...healthy },
      concludes('give-up-crashed-primary', released),
    ],
    [
      'CC59: unless nobody could take over',
      { dynamic: { primary_start_timeout: 0 }, ...nobody },
      runs('restart-in-place', asPrimary),
    ],
    [
      'a lease that ends too soon starts no primary',
      { lock: held({ deadline: later(NOW, millis(1_700)) }) },
      waits('lease-too-short-to-start'),
    ],
    ['neither does one that nobody would fence', { lease: { guardian: 'absent' } }, waits('lease-too-short-to-start')],
    [
      'stopped as a precaution, and the very lock of its reign is still mine: it goes on as primary',
      { memory: { crash: null, role: 'demoted' }, control: { state: 'shut down' } },
      runs('restart-same-reign', asPrimary),
    ],
    [
      'CC64: under another lock than that of its reign it must not go on as if nothing had been',
      { memory: { crash: null, reign: null } },
      runs('start-to-promote', { kind: 'start', desired: { standby: { upstream: null } } }),
    ],
    [
      'a directory that says standby is none of a primary',
      { memory: { crash: null }, directory: { signal: 'standby' } },
      runs('start-to-promote', { kind: 'start' }),
    ],
    [
      'where nobody else may, it starts with its source, which has what it lacks (seed 38005274)',
      { memory: { crash: null, rewoundFrom: 'c' }, directory: { signal: 'standby', hasBackupLabel: true }, ...nobody },
      runs('start-to-promote', { kind: 'start', desired: { standby: { upstream: { member: C } } } }),
    ],
    [
      'one that was rewound or copied, and has not been consistent since, lacks what its source may have: somebody else leads',
      {
        memory: { crash: null, reign: null },
        directory: { signal: 'standby' },
        control: { state: 'in archive recovery', beforeBackupEnd: true },
        ...healthy,
      },
      concludes('give-up-crashed-primary', { ...released, lastLsn: null }),
    ],
    [
      'CC100: after a switchover’s stop the lock follows, with the position that the successor must have',
      {
        memory: { crash: null, handOver: { candidate: C, since: NOW } },
        control: { state: 'shut down', checkpointLsn: behind(120n) },
      },
      concludes('switchover-release', { ...released, lastLsn: behind(120n) }),
    ],
    [
      'a request may steer that race too: what was written under this very lock is told (seed 10008191)',
      { memory: failedOnce, control: cleanly, ...healthy },
      concludes('give-up-crashed-primary', { ...released, lastLsn: HEAD }),
    ],
    [
      'not what was written under another one, perhaps on another timeline',
      { memory: { ...failedOnce, reign: null }, control: cleanly, ...healthy },
      concludes('give-up-crashed-primary', { ...released, lastLsn: null }),
    ],
    [
      'nor where a crash is what stopped it',
      { memory: failedOnce, control: { state: 'in production' }, ...healthy },
      concludes('give-up-crashed-primary', { ...released, lastLsn: null }),
    ],
    [
      'a switchover whose stop was not clean names no position',
      { memory: { crash: null, handOver: { candidate: C, since: NOW } } },
      concludes('switchover-release', { ...released, lastLsn: null }),
    ],
  ]);
});

describe('who could take over from a crashed primary', () => {
  const givenUp = concludes('give-up-crashed-primary', released);
  const kept = runs('keep-trying-alone', { kind: 'start' });
  const asked = { memory: failedOnce, observation: { peersAskedAt: NOW } };
  const onlyC = { ...asked, members: { b: null } };
  const shutDownAhead = { control: { state: 'shut down', checkpointLsn: ahead(1n) } } as const;
  const synchronous = {
    dynamic: { synchronous_mode: true },
    view: { sync: { leader: A, voters: [C], quorum: 0, modRevision: revision(70n) } },
  };
  table(decided, crashed, [
    ['a standby within the lag limit', { ...onlyC, peers: [peer('c', { position: behind(1_048_576n) })] }, givenUp],
    ['none that lags more', { ...onlyC, peers: [peer('c', { position: behind(1_048_577n) })] }, kept],
    [
      'within that of where it was shut down, which is more than it had published',
      { ...onlyC, ...shutDownAhead, peers: [peer('c', { position: behind(1_048_575n) })] },
      givenUp,
    ],
    [
      'none beyond: it would not be allowed to lead',
      { ...onlyC, ...shutDownAhead, peers: [peer('c', { position: behind(1_048_576n) })] },
      kept,
    ],
    [
      'a synchronous standby beyond may: it has what was acknowledged',
      { ...onlyC, ...shutDownAhead, ...synchronous, peers: [peer('c', { position: behind(1_048_576n) })] },
      givenUp,
    ],
    ['none that does not say where it is', { ...onlyC, peers: [peer('c', { position: null })] }, kept],
    [
      'none that is tagged nofailover',
      { ...onlyC, members: { b: null, c: { tags: { nofailover: true } } }, peers: [peer('c')] },
      kept,
    ],
    [
      'none that says so itself, whatever its key says',
      { ...onlyC, peers: [peer('c', { tags: { nofailover: true } })] },
      kept,
    ],
    ['none whose watchdog failed', { ...onlyC, peers: [peer('c', { watchdogFailed: true })] }, kept],
    ['none that has parted from it', { ...onlyC, peers: [peer('c', { isDiverged: true })] }, kept],
    ['no other primary', { ...onlyC, peers: [peer('c', { recovery: 'primary' })] }, kept],
    [
      'an answer of more than a second ago is asked for again',
      {
        ...onlyC,
        peers: [peer('c', { askedAt: earlier(NOW, millis(1_001)) })],
        observation: { peersAskedAt: earlier(NOW, millis(1_001)) },
      },
      concludes('ask-peers', { kind: 'ask-peers', members: [C] }),
    ],
    ['a peer has a moment to answer', { ...onlyC, peers: [] }, waits('wait-for-peers')],
    [
      'one without a REST address cannot be asked and is none',
      { ...asked, members: { b: null, c: { apiUrl: null } }, peers: [] },
      kept,
    ],
    [
      'the furthest is named',
      { ...asked, peers: [peer('b', { position: behind(9n) }), peer('c', { position: ahead(1n) })] },
      { facts: { successor: C } },
    ],
    [
      'nobody published a position: whoever answers may',
      {
        ...onlyC,
        view: { status: { lastLsn: null, slots: new Map(), retainSlots: [] } },
        peers: [peer('c', { position: HEAD })],
      },
      givenUp,
    ],
  ]);
});

describe('a winner whose PostgreSQL went down before the promotion', () => {
  const down = { server: { kind: 'down' }, process: { kind: 'none' } } as const;
  table(decided, winner, [
    ['starts it read-only first, and promotes it next', down, runs('start-to-promote', { kind: 'start' })],
    [
      'gives the lock to another when that start failed, instead of trying for ever',
      {
        ...down,
        memory: { crash: { since: NOW, attempts: 1 } },
        observation: { peersAskedAt: NOW },
        peers: [peer('c', { askedAt: NOW })],
      },
      concludes('give-up-crashed-primary', { kind: 'release-lock', createRevision: LATER_LOCK }),
    ],
    [
      'tries again when there is no other',
      {
        ...down,
        memory: { crash: { since: earlier(NOW, seconds(9)), attempts: 4 } },
        observation: { peersAskedAt: NOW },
        peers: [silentPeer('c', NOW)],
      },
      runs('start-to-promote', { kind: 'start' }),
    ],
  ]);
});

describe('it is started again in a synchronous mode', () => {
  const names = (text: string) => ({ [SYNC_NAMES]: text });
  const waitedFor = { hba: null, ident: null, standby: null, parameters: names('2 (b,c)') };
  const settled = { ...noSyncMemory, keySettled: KEY_REVISION };
  const inMode = (difference: Difference): Situation =>
    crashed({
      view: { sync: voters('b') },
      dynamic: { synchronous_mode: true },
      memory: { sync: settled, applied: waitedFor },
      ...difference,
    });
  const waitingFor = (text: string) =>
    runs('restart-in-place', { kind: 'start', desired: { parameters: names(text) } });
  table(decided, inMode, [
    ['its commits wait for those in the key', {}, waitingFor('ANY 1 (b)')],
    [
      'while a write of the key may come yet, for whom they waited before (seed 31023716)',
      { memory: { sync: noSyncMemory, applied: waitedFor } },
      waitingFor('2 (b,c)'),
    ],
    [
      'also where that is the first one',
      { view: { sync: null }, memory: { applied: waitedFor } },
      waitingFor('2 (b,c)'),
    ],
    [
      'where whom is not known, as the agent was just started: the key is written as it is, so that what comes late is void',
      { memory: { sync: noSyncMemory, applied: null } },
      concludes('sync-key', { kind: 'write', write: { key: 'sync' } }),
    ],
    ['then the names go by it', { memory: { sync: settled, applied: null } }, waitingFor('ANY 1 (b)')],
  ]);
});
