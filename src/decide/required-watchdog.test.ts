import { describe } from 'vitest';
import {
  candidate,
  decided,
  leader,
  replica,
  type Situation,
  stopped,
  winner,
} from '../../test/support/observations.ts';
import { LATER_LOCK, LOCK } from '../../test/support/observed-parts.ts';
import { concludes, runs, table, waits } from '../../test/support/table.ts';
import type { AgentConfig } from '../domain/agent-config.ts';
import { revision } from '../domain/names.ts';
import { seconds } from '../domain/time.ts';
import type { WatchdogReport } from '../domain/watchdog.ts';
import { watchdogLacks } from '../domain/watchdog-plan.ts';

/** How the healthy one of a test is, what its file says, and how its guardian says that the device is. */
type Given = {
  readonly who: () => Situation;
  readonly mode?: AgentConfig['watchdog']['mode'];
  readonly margin?: number;
  readonly says: WatchdogReport | 'nothing yet';
  readonly paused?: true;
};

const active: WatchdogReport = { kind: 'active', timeout: seconds(25) };
const usable: WatchdogReport = { kind: 'usable' };
const missing: WatchdogReport = { kind: 'failed', reason: 'no such device' };

function given(difference: Partial<Given>): Situation {
  const { who = leader, mode = 'required', margin = 5, says = active, paused }: Partial<Given> = difference;
  const { o, m } = who();
  const watchdog = { mode, device: '/dev/watchdog', safetyMargin: margin };
  const lease = o.lease === null || says === 'nothing yet' ? o.lease : { ...o.lease, watchdog: says };
  const dynamic = { ...o.dynamic, pause: paused ?? false };
  return { o: { ...o, config: { ...o.config, watchdog }, lease, dynamic }, m };
}

const decidedWith = (difference: Partial<Given>) => decided(given(difference));

describe('a watchdog that is required', () => {
  const CLAIM = revision(80n);
  const founder = (): Situation =>
    stopped({
      directory: { kind: 'empty' },
      view: { lock: null, initialize: { kind: 'absent' }, members: [] },
      memory: { lastHolder: null },
    });
  const creating = (): Situation =>
    stopped({
      directory: { kind: 'empty' },
      view: { lock: null, initialize: { kind: 'in-progress', modRevision: CLAIM } },
      memory: { bootstrap: { kind: 'won', keyRevision: CLAIM } },
    });
  const down = (): Situation => leader({ process: { kind: 'none' }, server: { kind: 'down' } });

  table(decidedWith, (difference: Partial<Given>) => difference, [
    ['is active: its primary leads', {}, concludes('lead', { kind: 'stay' })],
    [
      'K1: has failed: its primary is stopped in good order',
      { says: missing },
      runs('demote-without-watchdog', { kind: 'stop', mode: 'fast', checkpointFirst: true }),
    ],
    [
      'K1: cannot be fed with these timings: its primary is stopped',
      { margin: 0 },
      runs('demote-without-watchdog', { kind: 'stop' }),
    ],
    ['is just being opened by a new guardian: its primary goes on', { says: 'nothing yet' }, { rule: 'lead' }],
    [
      'K1: has failed and PostgreSQL is down: the lock is given up',
      { who: down, says: missing },
      concludes('release-without-watchdog', { kind: 'release-lock', createRevision: LOCK }),
    ],
    [
      'K2, CC97: failed when it was to be opened: nobody is promoted, the lock is given up',
      { who: winner, says: missing },
      concludes('release-without-watchdog', { kind: 'release-lock', createRevision: LATER_LOCK }),
    ],
    ['is not open yet: the promotion waits for it', { who: winner, says: usable }, waits('lease-too-short-to-promote')],
    ['is open: the promotion goes on', { who: winner }, runs('promote', { kind: 'promote' })],
    ['E10: may be opened: its member campaigns', { who: candidate, says: usable }, { rule: 'campaign' }],
    [
      'E10, CC76: has failed: its member does not campaign',
      { who: candidate, says: missing },
      waits('may-not-campaign'),
    ],
    ['E10: cannot be fed in time: its member does not', { who: candidate, margin: 0 }, waits('may-not-campaign')],
    ['E10: is not known yet: its member waits', { who: candidate, says: 'nothing yet' }, waits('may-not-campaign')],
    ['makes no difference to a replica', { who: replica, says: missing }, { rule: 'follow' }],
    ['has failed: no cluster is created here', { who: founder, says: missing }, waits('wait-for-leader')],
    [
      'may be opened: the right to create the cluster is claimed',
      { who: founder, says: usable },
      { rule: 'win-initialize' },
    ],
    [
      'B9, CC47: has failed at the bootstrap: the claim is given up',
      { who: creating, says: missing },
      concludes('bootstrap-failed', { kind: 'write' }),
    ],
    [
      'C3: is not used in a pause: nobody is stopped for it',
      { says: missing, paused: true },
      { rule: 'pause-keep-lock' },
    ],
  ]);
});

describe('a watchdog that is only wanted', () => {
  table(decidedWith, (difference: Partial<Given>): Partial<Given> => ({ mode: 'automatic', ...difference }), [
    ['has failed: its primary leads', { says: missing }, { rule: 'lead' }],
    ['has failed: its member campaigns', { who: candidate, says: missing }, { rule: 'campaign' }],
    ['cannot be fed in time: its member is promoted all the same', { who: winner, margin: 0 }, { rule: 'promote' }],
  ]);
});

describe('D-6: what the REST API calls a failed watchdog', () => {
  table(
    (difference: Partial<Given>) => watchdogLacks(given(difference).o) !== null,
    (difference: Partial<Given>) => difference,
    [
      ['required and missing', { says: missing }, true],
      ['required, and nobody has said anything of it', { says: 'nothing yet' }, true],
      ['required and impossible with these timings', { says: usable, margin: 0 }, true],
      ['required and usable', { says: usable }, false],
      ['required and active', {}, false],
      ['wanted and missing', { mode: 'automatic', says: missing }, false],
      ['off', { mode: 'off', says: 'nothing yet' }, false],
    ],
  );
});
