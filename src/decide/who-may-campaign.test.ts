import { describe } from 'vitest';
import { candidate, decided, type Situation } from '../../test/support/observations.ts';
import {
  A,
  ahead,
  B,
  behind,
  branch,
  C,
  idleStandby,
  NOW,
  peer,
  requested,
  scheduledIn,
  silentPeer,
  standbyAnswer,
} from '../../test/support/observed-parts.ts';
import { table, waits } from '../../test/support/table.ts';
import type { ClusterView } from '../domain/cluster-view.ts';
import { type MemberName, memberName, revision } from '../domain/names.ts';
import { latestView } from '../domain/observation.ts';
import { earlier, later, type Millis, millis, seconds } from '../domain/time.ts';
import { type Campaign, whoMayCampaign } from './who-may-campaign.ts';

function mayCampaign({ o, m }: Situation): Campaign['kind'] {
  const view = latestView(o);
  if (view === null) throw new Error('the fixture has a view');
  return whoMayCampaign(o, m, view).kind;
}

const fromRemote = { from: memberName('remote_member:10.9.0.1:5433'), timeline: branch(3) };
const MiB = 1_048_576n;

/** How the timeline came about that all of them are on. */
function begunBy(leader: MemberName): ClusterView['history'] {
  const line = { timeline: branch(2), lsn: behind(500n), reason: '', at: null, leader };
  return { kind: 'lines', modRevision: revision(1n), lines: [line] };
}

describe('who may campaign', () => {
  table(mayCampaign, candidate, [
    ['a replica that has everything may', {}, 'may'],
    ['a member tagged nofailover may not', { tags: { nofailover: true } }, 'may-not'],
    ['CC74: failover_priority 0 says the same', { tags: { failover_priority: 0 } }, 'may-not'],
    [
      'CC75: `nofailover: false` beside priority 0 decides',
      { tags: { nofailover: false, failover_priority: 0 } },
      'may',
    ],
    [
      'CC80: one whose pre_promote said no keeps out for one ttl',
      { memory: { vetoedAt: earlier(NOW, millis(29_999)) } },
      'may-not',
    ],
    ['and then may again', { memory: { vetoedAt: earlier(NOW, seconds(30)) } }, 'may'],
    [
      'one that has parted from a source that is followed no more leaves the lock to others',
      { memory: { parted: fromRemote } },
      'may-not',
    ],
    ['also to who is away', { memory: { parted: fromRemote }, members: { a: null, c: null } }, 'may-not'],
    [
      'unless all the others say that theirs has parted from it, too',
      { memory: { parted: fromRemote }, peers: [peer('a', { isDiverged: true }), peer('c', { isDiverged: true })] },
      'may',
    ],
    [
      'one of them is not enough',
      { memory: { parted: fromRemote }, peers: [peer('a', { isDiverged: true }), silentPeer('c')] },
      'may-not',
    ],
    [
      'the only member there is leads all the same',
      { memory: { parted: fromRemote, lastHolder: null }, members: { a: null, c: null } },
      'may',
    ],
    [
      'one that has parted from the last leader may not, on a timeline as new as that one’s',
      { memory: { parted: { from: A, timeline: branch(3) } } },
      'may-not',
    ],
    [
      'nor whom a switchover names',
      { memory: { parted: { from: A, timeline: branch(3) } }, view: { failover: requested() } },
      'may-not',
    ],
    [
      'nor who replays yet what it wrote as a primary, perhaps beside what the last leader wrote (seed 32146004)',
      {
        server: standbyAnswer({ walReceiver: null, isOnOldWal: true }),
        memory: { ledOn: 'newest' },
        view: { history: begunBy(C) },
      },
      'may-not',
    ],
    [
      'unless it began that timeline itself',
      {
        server: standbyAnswer({ walReceiver: null, isOnOldWal: true }),
        memory: { ledOn: 'newest' },
        view: { history: begunBy(B) },
      },
      'may',
    ],
    [
      'but whom somebody fails over to by hand',
      { memory: { parted: { from: A, timeline: branch(3) } }, view: { failover: requested({ leader: null }) } },
      'may',
    ],
    [
      'what lies on an older one is judged by its number',
      { memory: { parted: { from: A, timeline: branch(4) } } },
      'may',
    ],
    ['a leaving agent may not', { memory: { leaving: NOW } }, 'may-not'],
    [
      'a replica whose position is not known may not',
      { server: standbyAnswer({ receiveLsn: null, replayLsn: null }) },
      'may-not',
    ],
    ['what was replayed counts when nothing was received', { server: idleStandby({ receiveLsn: null }) }, 'may'],
    [
      'one that gave leadership up a moment ago leaves it to others',
      { memory: { yielded: { to: C, until: later(NOW, millis(1)) } } },
      'may-not',
    ],
    ['but not for ever', { memory: { yielded: { to: C, until: NOW } } }, 'may'],
    [
      'CC70: a replica behind the cluster’s timeline may not',
      { server: standbyAnswer({ timeline: branch(2) }) },
      'may-not',
    ],
    [
      'without any history no timeline is known to be behind',
      {
        server: standbyAnswer({ timeline: branch(2) }),
        view: { history: { kind: 'unusable', modRevision: null } },
      },
      'may',
    ],
    [
      'an unknown timeline may where nobody asked for the check',
      { server: standbyAnswer({ timeline: null }), dynamic: { check_timeline: false } },
      'may',
    ],
    [
      'an unknown timeline may not where the check is asked for',
      { server: standbyAnswer({ timeline: null }), dynamic: { check_timeline: true } },
      'may-not',
    ],
    [
      'CC69: one that lags exactly the limit may',
      { view: { status: status(ahead(MiB)) }, server: standbyAnswer() },
      'may',
    ],
    ['CC69: a byte more, and it may not', { view: { status: status(ahead(MiB + 1n)) } }, 'may-not'],
    [
      'the further of received and replayed is its position',
      {
        view: { status: status(ahead(MiB)) },
        server: standbyAnswer({ receiveLsn: behind(5n) }),
      },
      'may',
    ],
    ['nobody has published a position: no lag is known', { view: { status: status(null) } }, 'may'],
    [
      'an empty failsafe list excludes nobody',
      { dynamic: { failsafe_mode: true }, view: { failsafe: new Map() } },
      'may',
    ],
  ]);
});

describe('who may campaign when a request names a candidate', () => {
  const faraway = { status: status(ahead(MiB + 1n)) };
  table(mayCampaign, candidate, [
    [
      'CC85: a manual failover leads here whatever is lost: the operator said so',
      { view: { ...faraway, failover: requested({ leader: null }) } },
      'may',
    ],
    [
      'a switchover leads here only with all that was handed over',
      { view: { status: status(ahead(1n)), failover: requested() } },
      'may-not',
    ],
    [
      'so it does to whoever else takes it, while the old leader may still bring the rest',
      { view: { status: status(ahead(1n)), failover: requested({ candidate: null }) } },
      'may-not',
    ],
    [
      'but nobody waits for that for ever',
      {
        view: { status: status(ahead(1n)), failover: requested({ candidate: null }) },
        memory: { unlockedSince: earlier(NOW, millis(10_000)) },
      },
      'may',
    ],
    [
      'in a pause the old leader is not started: its time begins when that is over (seed 10006478)',
      {
        view: { status: status(ahead(1n)), failover: requested({ candidate: null }) },
        memory: { unlockedSince: earlier(NOW, seconds(60)), resumedAt: earlier(NOW, millis(9_999)) },
      },
      'may-not',
    ],
    [
      'and ends as it does elsewhere',
      {
        view: { status: status(ahead(1n)), failover: requested({ candidate: null }) },
        memory: { unlockedSince: earlier(NOW, seconds(60)), resumedAt: earlier(NOW, millis(10_000)) },
      },
      'may',
    ],
    [
      'a pause of before is none of it',
      {
        view: { status: status(ahead(1n)), failover: requested({ candidate: null }) },
        memory: { unlockedSince: earlier(NOW, millis(9_999)), resumedAt: earlier(NOW, seconds(60)) },
      },
      'may-not',
    ],
    ['with all of it, it does', { view: { failover: requested() } }, 'may'],
    [
      'CC89: whom it leads away from leaves the lead to others',
      { view: { failover: requested({ leader: B, candidate: null }) }, memory: yielded(millis(1)) },
      'may-not',
    ],
    [
      'CC89: until nobody has taken it',
      { view: { failover: requested({ leader: B, candidate: null }) }, memory: yielded(millis(0)) },
      'may',
    ],
    [
      'who yielded may come back when it is named',
      {
        view: { failover: requested({ leader: null }) },
        memory: { yielded: { to: null, until: later(NOW, millis(1_000)) } },
      },
      'may',
    ],
    [
      'nofailover stays nofailover, even when it is named',
      { tags: { nofailover: true }, view: { failover: requested({ leader: null }) } },
      'may-not',
    ],
    [
      'a request that is not due yet steers no failover',
      { view: { ...faraway, failover: requested({ leader: null, schedule: scheduledIn(3_600) }) } },
      'may-not',
    ],
    [
      'a request that was due hours ago steers none either',
      { view: { ...faraway, failover: requested({ leader: null, schedule: scheduledIn(-3_600) }) } },
      'may-not',
    ],
    [
      'one that is just due does',
      { view: { ...faraway, failover: requested({ leader: null, schedule: scheduledIn(-1) }) } },
      'may',
    ],
    [
      'a time that cannot be read is no request',
      { view: { ...faraway, failover: requested({ leader: null, schedule: { kind: 'unreadable', text: 'soon' } }) } },
      'may-not',
    ],
    [
      'named is who is named, not its neighbour',
      { view: { ...faraway, failover: requested({ candidate: C }) } },
      'may-not',
    ],
  ]);
});

describe('one that may not campaign', () => {
  table(decided, candidate, [
    ['waits for somebody else to lead', { tags: { nofailover: true } }, waits('may-not-campaign')],
    [
      'waits also when the request names it',
      { tags: { nofailover: true }, view: { failover: requested({ candidate: B }) } },
      waits('may-not-campaign'),
    ],
  ]);
});

function yielded(left: Millis) {
  return { yielded: { to: null, until: later(NOW, left) } };
}

function status(lastLsn: ReturnType<typeof ahead> | null) {
  return { lastLsn, slots: new Map(), retainSlots: [] };
}
