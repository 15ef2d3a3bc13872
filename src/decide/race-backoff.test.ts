import { describe } from 'vitest';
import { type Difference, decided, replica } from '../../test/support/observations.ts';
import { B, HEAD, idleStandby, NOW } from '../../test/support/observed-parts.ts';
import { concludes, table, waits } from '../../test/support/table.ts';
import { revision } from '../domain/names.ts';
import { earlier, type Millis, millis, seconds } from '../domain/time.ts';

/** Nobody has held the lock for `unled`; the WAL here last moved `still` ago. */
function unled(since: Millis, still: Millis, more: Difference = {}): Difference {
  const position = { lsn: HEAD, timeline: null, at: NOW, movedAt: earlier(NOW, still) };
  return {
    ...more,
    view: { lock: null, ...more.view },
    dynamic: { primary_race_backoff: 20, ...more.dynamic },
    memory: { unlockedSince: earlier(NOW, since), position },
  };
}
const races = concludes('ask-peers', { kind: 'ask-peers' });
const none = millis(0);

describe('nobody holds the lock, and the former leader’s WAL still arrives', () => {
  table(decided, replica, [
    ['CC77: the race waits while it moves', unled(seconds(15), none), waits('race-backoff')],
    ['CC77: no longer than primary_race_backoff', unled(seconds(20), none), races],
    ['CC77: for one loop it waits also when it stands still', unled(seconds(9), seconds(60)), waits('race-backoff')],
    ['CC77: and no longer then', unled(seconds(10), seconds(60)), races],
    ['without the setting nobody waits', unled(none, none, { dynamic: { primary_race_backoff: 0 } }), races],
    ['nobody is waited for where nothing is streamed', unled(none, none, { server: idleStandby() }), races],
    [
      'nor when a person names who is to lead',
      unled(none, none, {
        view: { failover: { leader: null, candidate: B, schedule: { kind: 'now' }, modRevision: revision(9n) } },
        members: { a: { state: 'stopped' } },
      }),
      concludes('campaign', { kind: 'acquire-lock' }),
    ],
  ]);
});
