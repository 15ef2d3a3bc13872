import { describe } from 'vitest';
import { candidate, decided, formerPrimary, leader, replica, stopped } from '../../test/support/observations.ts';
import { anyFiles, NOW, RUNNING } from '../../test/support/observed-parts.ts';
import { concludes, runs, stays, table, waits } from '../../test/support/table.ts';
import { revision, storeKey, systemId } from '../domain/names.ts';
import { earlier, seconds } from '../domain/time.ts';

const foreign = { control: { systemId: systemId('9900000000000000009') } };
const unreadable = { control: { systemId: null } };
const unregistered = { lock: null, initialize: { kind: 'absent' } } as const;
const justStarted = { lastHolder: null } as const;
const running = { process: RUNNING };

describe('the data directory of another cluster', () => {
  table(decided, stopped, [
    ['C-55, CC52: the agent ends', foreign, concludes('foreign-cluster', { kind: 'exit', code: 1 })],
    ['in a pause it is left alone', { ...foreign, dynamic: { pause: true } }, stays('pause-foreign-cluster')],
  ]);
  table(decided, replica, [
    ['CC52: its PostgreSQL is stopped first', foreign, runs('foreign-cluster', { kind: 'stop', mode: 'fast' })],
  ]);
});

describe('a data directory without a valid identifier', () => {
  table(decided, stopped, [
    ['CC55: a person has to look at it', unreadable, waits('system-id-unreadable')],
    ['the same when its control file cannot be read', { directory: { control: null } }, waits('system-id-unreadable')],
  ]);
});

describe('a lock holder whose directory nobody can read', () => {
  const down = { server: { kind: 'down' }, process: { kind: 'none' } } as const;
  table(decided, leader, [
    [
      'gives the lock up: renewed, it would keep everybody from leading',
      { ...unreadable, ...down, memory: { unavailableSince: earlier(NOW, seconds(5)) } },
      concludes('release-without-data', { kind: 'release-lock' }),
    ],
    [
      'not at the first failed look',
      { ...unreadable, ...down, memory: { unavailableSince: NOW } },
      waits('system-id-unreadable'),
    ],
  ]);
});

describe('no cluster is registered and data lies here', () => {
  table(decided, formerPrimary, [
    [
      'CC54: its identifier becomes the cluster’s',
      { view: unregistered, memory: justStarted },
      concludes('claim-initialize', {
        kind: 'write',
        write: { key: storeKey('initialize'), when: [{ kind: 'absent' }] },
      }),
    ],
    [
      'C-54: not while somebody else creates one',
      { view: { lock: null, initialize: { kind: 'in-progress', modRevision: revision(8n) } }, memory: justStarted },
      { rule: 'start-without-leader' },
    ],
    [
      'I7: nor by an agent that has seen a leader: the keys were wiped, not the cluster',
      { view: unregistered },
      { rule: 'start-without-leader' },
    ],
  ]);
  table(decided, stopped, [
    [
      'CC53: a standby that is starting here waits for nobody: the agent beside the primary comes first',
      { view: unregistered, memory: justStarted, ...running, server: { kind: 'rejecting' } },
      concludes('standby-without-cluster', { kind: 'exit', code: 1 }),
    ],
    [
      'I7: but an agent that has seen a leader does not end because the keys were wiped',
      { view: unregistered, ...running, server: { kind: 'rejecting' } },
      waits('still-starting'),
    ],
    [
      'a standby that does not answer is not known to be starting',
      { view: unregistered, memory: justStarted, ...running, server: { kind: 'silent', since: NOW } },
      waits('silent-server'),
    ],
  ]);
  const stray = { directory: { signal: 'standby', foundScope: 'shop' } } as const;
  const waitsForPerson = waits('standby-of-another-scope');
  table(decided, stopped, [
    [
      'a standby of another scope makes no cluster: that name is a mistake, perhaps',
      { ...stray, view: unregistered, memory: justStarted },
      waitsForPerson,
    ],
    [
      'as one of this scope it does: the store may have lost all',
      { directory: { signal: 'standby', foundScope: 'demo' }, view: unregistered, memory: justStarted },
      { rule: 'claim-initialize' },
    ],
    [
      'and once this agent has configured it',
      { ...stray, view: unregistered, memory: { ...justStarted, applied: anyFiles } },
      { rule: 'claim-initialize' },
    ],
    ['a cluster that is registered takes it', stray, { rule: 'ask-leader-history' }],
  ]);
  table(decided, candidate, [
    [
      'nor does one that runs, and races for nothing',
      {
        ...stray,
        view: unregistered,
        memory: { ...justStarted, unlockedSince: null, applied: null },
        members: { c: null },
        peers: [],
      },
      waitsForPerson,
    ],
    [
      'CC53: a standby that accepts connections simply races',
      { view: unregistered, memory: { ...justStarted, unlockedSince: null }, members: { c: null }, peers: [] },
      concludes('campaign', { kind: 'acquire-lock' }),
    ],
  ]);
  table(decided, leader, [
    [
      'a primary with the lock goes on, and registers it beside',
      { view: { initialize: { kind: 'absent' } } },
      stays('lead'),
    ],
  ]);
});
