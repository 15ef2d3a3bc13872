import { describe, expect, test } from 'vitest';
import { crashed, leader, replica, type Situation, winner } from '../../test/support/observations.ts';
import {
  A,
  ahead,
  B,
  branch,
  C,
  HEAD,
  history,
  LOCK,
  leaseOf,
  lockOf,
  NOW,
  primaryAnswer,
  standbyAnswer,
} from '../../test/support/observed-parts.ts';
import { physicalSlot } from '../../test/support/slots.ts';
import { table } from '../../test/support/table.ts';
import type { JsonObject } from '../domain/json.ts';
import { leaseId, memberKey, revision, slotName, storeKey } from '../domain/names.ts';
import type { StoreWrite } from '../domain/store-write.ts';
import { earlier, millis, seconds } from '../domain/time.ts';
import type { Upkeep } from '../domain/upkeep.ts';
import { readDynamicConfig } from '../wire/config/dynamic.ts';
import { publishedMember } from './published-member.ts';
import { publishedStatus } from './published-status.ts';
import { type UpkeepTimes, upkeep } from './upkeep.ts';

const never: UpkeepTimes = new Map();
const justNow: UpkeepTimes = new Map(
  (['member', 'status', 'slots'] as const).map((name) => [name, earlier(NOW, millis(10))] as const),
);

const names = ({ o, m }: Situation): readonly string[] => upkeep(o, m, never).map((each) => each.name);

function writeOf(name: Upkeep['name'], { o, m }: Situation, done = never): StoreWrite | null {
  const found = upkeep(o, m, done).find((each) => each.name === name);
  return found?.kind === 'write' ? found.write : null;
}

/** As it stands in the store once everything that `given` wants to publish has been written. */
function published(given: Situation): Situation {
  const { o, m } = given;
  if (o.store.kind !== 'settled') throw new Error('the fixture is settled');
  const { view } = o.store;
  const status = publishedStatus(o, m);
  const slots = Object.entries((status?.['slots'] ?? {}) as JsonObject);
  return {
    m,
    o: {
      ...o,
      store: {
        ...o.store,
        view: {
          ...view,
          members: view.members.map((each) =>
            each.name === o.config.name ? { ...each, published: publishedMember(o, m) } : each,
          ),
          status:
            status === null
              ? view.status
              : {
                  lastLsn: status['optime'] as typeof HEAD,
                  slots: new Map(slots.map(([name, at]) => [slotName(name), at as typeof HEAD])),
                  retainSlots: ((status['retain_slots'] ?? []) as string[]).map(slotName),
                  ...('failsafe_ttl' in status && { failsafeTtl: seconds(Number(status['failsafe_ttl'])) }),
                },
        },
      },
    },
  };
}

describe('when nothing changes nothing is written', () => {
  const slotsThere = { server: primaryAnswer({ slots: [physicalSlot('b'), physicalSlot('c')] }) };
  test('CC93, C-32, C-39: a leader that has published everything', () => {
    expect(names(published(leader({ ...slotsThere })))).toEqual([]);
  });

  test('C-32: a replica that has published everything', () => {
    expect(
      names(published(replica({ server: standbyAnswer({ slots: [physicalSlot('a'), physicalSlot('c')] }) }))),
    ).toEqual([]);
  });

  test('nor while the store is silent, or was never seen', () => {
    expect(names(leader({ store: 'silent' }))).toEqual([]);
    expect(names(leader({ store: 'unknown' }))).toEqual([]);
  });

  test('nor before the last write of my own is in the picture: it would be written twice', () => {
    expect(names(leader({ store: 'unsettled', ...slotsThere }))).toEqual([]);
  });
});

describe('the member key', () => {
  test('is bound to my lease, and to what I saw: an old write that arrives late overwrites nothing', () => {
    const key = memberKey(B);
    expect(writeOf('member', replica())).toMatchObject({
      key,
      action: { kind: 'put', lease: leaseOf('b'), value: { kind: 'json' } },
      when: [{ kind: 'mod-revision-is', key, revision: revision(60n) }],
    });
    expect(writeOf('member', replica({ members: { b: null } }))?.when).toEqual([{ kind: 'absent', key }]);
  });

  test('C-33: is written again under a new lease, although nothing else changed', () => {
    const { o, m } = published(replica());
    const lease = o.lease;
    if (lease?.lease === null || lease === null) throw new Error('the fixture has a lease');
    const renewed = { ...o, lease: { ...lease, lease: { ...lease.lease, id: leaseId('999') } } };

    expect(writeOf('member', { o: renewed, m }, justNow)).not.toBeNull();
  });

  test('a position alone waits for the next loop; anything else does not', () => {
    const before = published(replica());
    const moved = {
      ...before,
      o: {
        ...before.o,
        postgres: replica({ server: standbyAnswer({ replayLsn: ahead(8n), receiveLsn: ahead(8n) }) }).o.postgres,
      },
    };
    const tagged = { ...before, o: { ...before.o, config: { ...before.o.config, tags: { nofailover: true } } } };

    expect(writeOf('member', moved, justNow)).toBeNull();
    expect(writeOf('member', moved)).not.toBeNull();
    expect(writeOf('member', tagged, justNow)).not.toBeNull();
  });

  test('is not written on a look from before what was just done to PostgreSQL', () => {
    const outdated = { postgresIsCurrent: false };
    expect(names(replica({ tags: { nosync: true }, observation: outdated }))).not.toContain('member');
    expect(
      names(replica({ observation: outdated, task: { kind: 'end-orphans' } })),
      'while a task runs, the task says what it is',
    ).toContain('member');
  });

  test('is not written without a lease, nor before the first look', () => {
    expect(names(replica({ lease: { lease: null } }))).not.toContain('member');
    expect(names(replica({ observation: { postgres: null } }))).not.toContain('member');
  });
});

describe('what only the leader writes', () => {
  const underLock = { kind: 'create-revision-is', key: storeKey('leader'), revision: LOCK };

  test('names the creation of the lock, so that a former leader overwrites nothing', () => {
    for (const name of ['status', 'history', 'initialize', 'config', 'sync'] as const) {
      expect(writeOf(name, leader(everythingToDo), never)?.when, name).toContainEqual(underLock);
    }
  });

  test('and what was stored last: a status that comes late takes no hand-over back', () => {
    const over = (seen: ReturnType<typeof revision> | null) =>
      writeOf('status', leader({ ...everythingToDo, view: { ...everythingToDo.view, statusKeyRevision: seen } }))?.when;
    const key = storeKey('status');

    expect(over(revision(41n))).toEqual([underLock, { kind: 'mod-revision-is', key, revision: revision(41n) }]);
    expect(over(null)).toEqual([underLock, { kind: 'absent', key }]);
    const told = writeOf('history', leader(everythingToDo))?.when.at(1);
    expect(told).toMatchObject({ key: storeKey('history') });
  });

  test.each([
    ['a replica', replica(keysToDo)],
    ['a winner that is no primary yet', winner({ ...keysToDo, view: { ...keysToDo.view, lock: lockOf('b') } })],
    ['a leader whose PostgreSQL is down', crashed(keysToDo)],
    ['one whose lock is in doubt', leader({ ...everythingToDo, lock: { kind: 'doubtful', deadline: NOW, why: '' } })],
    [
      'one that sees another’s name on the lock',
      leader({ ...everythingToDo, view: { ...everythingToDo.view, lock: lockOf('c', LOCK) } }),
    ],
  ])('%s writes nothing of it', (_who, given) => {
    expect(names(given).filter((name) => !['member', 'slots'].includes(name))).toEqual([]);
  });

  test('CC8: a missing initialize key, compare-and-swap', () => {
    const key = storeKey('initialize');
    expect(writeOf('initialize', leader({ view: { initialize: { kind: 'absent' } } }))).toMatchObject({
      action: { value: { kind: 'text', text: '7400000000000000001' } },
      when: [underLock, { kind: 'absent', key }],
    });
    expect(
      writeOf('initialize', leader({ view: { initialize: { kind: 'in-progress', modRevision: revision(9n) } } }))?.when,
    ).toContainEqual({ kind: 'mod-revision-is', key, revision: revision(9n) });
    expect(
      writeOf('initialize', leader({ control: { systemId: null }, view: { initialize: { kind: 'absent' } } })),
    ).toBeNull();
  });

  test.each(['won', 'failed'] as const)(
    'not while the cluster is being created, or that has failed: nothing would be behind it (%s, seed 13503764)',
    (kind) => {
      const keyRevision = revision(9n);
      const bootstrap = { kind, keyRevision, reason: 'post_bootstrap: exit status 1' };
      const initialize = { kind: 'in-progress', modRevision: keyRevision } as const;

      expect(writeOf('initialize', leader({ view: { initialize }, memory: { bootstrap } }))).toBeNull();
    },
  );

  test('CC7, C-50, CONF-43: a missing configuration from memory, unless somebody writes one at this moment', () => {
    const key = storeKey('config');
    const restored = writeOf('config', leader({ dynamic: { stranger: 1 }, view: { config: { kind: 'absent' } } }));

    expect(restored).toMatchObject({
      action: { value: { kind: 'json', json: { ttl: 30, stranger: 1 } } },
      when: [underLock, { kind: 'absent', key }],
    });
    expect(
      writeOf(
        'config',
        leader({ view: { config: { kind: 'invalid', problem: 'no object', modRevision: revision(9n) } } }),
      )?.when,
    ).toContainEqual({ kind: 'mod-revision-is', key, revision: revision(9n) });
    const config = readDynamicConfig({}).config;
    const emptied = { view: { config: { kind: 'valid', config, modRevision: revision(9n) } } } as const;
    expect(writeOf('config', leader(emptied))).toMatchObject({ action: { value: { json: { ttl: 30 } } } });
    expect(writeOf('config', leader())).toBeNull();
  });

  test('C-46: a sync key of an earlier time goes, unless it changed since', () => {
    const sync = { leader: A, voters: [B], quorum: 0, modRevision: revision(9n) };

    expect(writeOf('sync', leader({ view: { sync } }))).toMatchObject({
      action: { kind: 'delete' },
      when: [underLock, { kind: 'mod-revision-is', key: storeKey('sync'), revision: revision(9n) }],
    });
    expect(writeOf('sync', leader({ view: { sync }, dynamic: { synchronous_mode: true } }))).toBeNull();
  });

  test('C-43: the history once my timeline is not in it, after asking my own server for it', () => {
    const unknown = leader({ server: primaryAnswer({ timeline: branch(4) }) });
    const asked = leader({
      server: primaryAnswer({ timeline: branch(4) }),
      observation: { ownHistory: history({ member: A }) },
    });

    expect(names(unknown)).toContain('own-history');
    expect(writeOf('history', unknown)).toBeNull();
    expect(writeOf('history', asked)).toMatchObject({
      action: { value: { json: [[3, HEAD, 'no recovery target', expect.any(String), A]] } },
    });
  });
});

describe('the checkpoint after a promotion', () => {
  const pending = { checkpoint: { kind: 'pending', since: NOW } } as const;
  table(names, leader, [
    ['PG-67: is begun once this is a primary', { memory: pending }, expect.arrayContaining(['checkpoint'])],
    [
      'is not begun twice',
      { memory: { checkpoint: { kind: 'running', since: NOW } } },
      expect.not.arrayContaining(['checkpoint']),
    ],
    [
      'waits for the promotion',
      { memory: pending, server: standbyAnswer() },
      expect.not.arrayContaining(['checkpoint']),
    ],
  ]);
});

const keysToDo = {
  view: {
    initialize: { kind: 'absent' },
    config: { kind: 'absent' },
    sync: { leader: A, voters: [C], quorum: 0, modRevision: revision(9n) },
  },
  observation: { ownHistory: history({ member: A }) },
} as const;
const everythingToDo = { ...keysToDo, server: primaryAnswer({ timeline: branch(4) }) };
