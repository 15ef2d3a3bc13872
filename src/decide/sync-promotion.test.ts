import { describe, expect, test } from 'vitest';
import { type Difference, decided, type Situation, winner } from '../../test/support/observations.ts';
import { LATER_LOCK, NOW, standbyAnswer } from '../../test/support/observed-parts.ts';
import { concludes, table, waits } from '../../test/support/table.ts';
import type { SyncKey } from '../domain/cluster-view.ts';
import type { JsonObject } from '../domain/json.ts';
import type { SyncMemory } from '../domain/memory.ts';
import { memberName, revision, storeKey } from '../domain/names.ts';
import { earlier, millis } from '../domain/time.ts';
import { SYNC_NAMES } from './desired-postgres.ts';
import { noSyncMemory } from './remember-sync.ts';

describe('before a promotion', () => {
  table(decided, promoting, [
    [
      'CC140: the key names who may lead after me',
      {},
      { rule: 'sync-key-before-promotion', ...writes('{"leader":"b","quorum":0,"sync_standby":null}') },
    ],
    [
      'then commits will wait for whoever attaches',
      { view: { sync: voters('', 'b') } },
      {
        rule: 'sync-names-before-promotion',
        action: { kind: 'reconfigure', desired: { parameters: { [SYNC_NAMES]: 'c' } } },
      },
    ],
    [
      'which PostgreSQL has to show',
      { view: { sync: voters('', 'b') }, memory: { sync: written('c') } },
      waits('sync-names-before-promotion'),
    ],
    [
      'then it is promoted',
      { view: { sync: voters('', 'b') }, server: standbyAnswer({ syncNames: 'c' }) },
      { rule: 'promote' },
    ],
    [
      'but not before an earlier write of the key, which may still come, can only come too late (seed 32003725)',
      {
        view: { sync: voters('', 'b') },
        server: standbyAnswer({ syncNames: 'c' }),
        memory: { sync: { ...noSyncMemory, keySettled: null } },
      },
      { rule: 'sync-key', ...writes('{"leader":"b","quorum":0,"sync_standby":null}') },
    ],
    [
      'not while the checkpointer is at work: it may not have read them, and commits would wait for nobody',
      atWork('c', 999),
      waits('sync-names-before-promotion'),
    ],
    [
      'that is not waited for longer: then nobody else is elected',
      atWork('c', 1_000),
      { rule: 'sync-key-before-promotion', ...writes('{"leader":"b","quorum":0,"sync_standby":null}') },
    ],
    ['and it is promoted', atWork('', 1_000), { rule: 'promote' }],
    [
      'the mode is off: a former key goes first',
      { dynamic: { synchronous_mode: false } },
      concludes('sync-key-before-promotion', { kind: 'write' }),
    ],
  ]);

  test('CC98: a key that was changed meanwhile is not written over', () => {
    expect(decided(promoting({})).action).toMatchObject({
      write: {
        when: [
          { kind: 'create-revision-is', key: storeKey('leader'), revision: LATER_LOCK },
          { kind: 'mod-revision-is', key: storeKey('sync'), revision: revision(70n) },
        ],
      },
    });
  });
});

const KEY_REVISION = revision(70n);

function promoting(difference: Difference): Situation {
  const memory = { sync: { ...noSyncMemory, keySettled: KEY_REVISION }, ...difference.memory };
  return winner({
    ...difference,
    memory,
    dynamic: { synchronous_mode: true, ...difference.dynamic },
    view: { sync: voters('b'), ...difference.view },
  });
}

/** The key names these voters, the names say c, and were written that long ago. */
function atWork(list: string, ago: number): Difference {
  const server = standbyAnswer({ syncNames: 'c', isCheckpointerBusy: true });
  return { view: { sync: voters(list, 'b') }, server, memory: { sync: written('c', ago) } };
}

function written(text: string, ago = 0): SyncMemory {
  return { ...noSyncMemory, keySettled: KEY_REVISION, written: { text, at: earlier(NOW, millis(ago)) } };
}

function voters(list: string, by = 'a'): SyncKey {
  const names = list.split(',').filter((each) => each !== '');
  return { leader: memberName(by), voters: names.map(memberName), quorum: 0, modRevision: KEY_REVISION };
}

function writes(json: string) {
  return {
    action: {
      kind: 'write',
      write: { key: storeKey('sync'), action: { value: { json: JSON.parse(json) as JsonObject } } },
    },
  };
}
