import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClusterView, clusterTimeline, isVoter } from '../../domain/cluster-view.ts';
import { memberName, revision, storeKey } from '../../domain/names.ts';
import type { StoredPair } from '../../domain/stored-pair.ts';
import { renderJson } from '../json.ts';
import { clusterViewReader, readClusterView } from './cluster-view.ts';

const at = revision(42n);

function view(values: Readonly<Record<string, string>>): ClusterView {
  return readClusterView(
    Object.entries(values).map(([key, value], index) => pair(key, value, 10n + BigInt(index))),
    at,
  );
}

function pair(key: string, value: string, modRevision = 10n): StoredPair {
  return { key: storeKey(key), value, lease: null, createRevision: revision(1n), modRevision: revision(modRevision) };
}

it('nothing below the prefix is an empty view', () => {
  expect(view({})).toEqual({
    revision: at,
    initialize: { kind: 'absent' },
    config: { kind: 'absent' },
    lock: null,
    members: [],
    status: { lastLsn: null, slots: new Map(), retainSlots: [] },
    statusKeyRevision: null,
    failover: null,
    failoverKeyRevision: null,
    syncKeyRevision: null,
    sync: null,
    history: { kind: 'unusable', modRevision: null },
    failsafe: null,
  });
});

it('a reader that follows a cluster shows what a fresh one does, and reads anew only what changed', () => {
  const read = clusterViewReader();
  const [a, b, config] = [
    pair('members/a', '{"role":"primary"}'),
    pair('members/b', '{}'),
    pair('config', '{"ttl":5}'),
  ];
  const first = read([config, a, b], at);
  const later = [config, pair('members/a', '{"role":"replica"}', 11n), b];

  const second = read(later, revision(43n));

  expect(second).toEqual(readClusterView(later, revision(43n)));
  expect(second.config).toBe(first.config);
  expect(second.members[1]).toBe(first.members[1]);
  expect(read([a], revision(44n))).toEqual(readClusterView([a], revision(44n)));
});

describe('initialize, config and leader', () => {
  it.each([
    ['C-03: present and empty is somebody at work', '', { kind: 'in-progress' }],
    ['an identifier', '7391846205517384921', { kind: 'initialized', systemId: '7391846205517384921' }],
    ['too short for one', '739184620', { kind: 'invalid', text: '739184620' }],
    ['no digits', 'x7391846205517384921', { kind: 'invalid' }],
  ])('%s', (_name, value, initialize) => {
    expect(view({ initialize: value }).initialize).toEqual(
      expect.objectContaining({ ...initialize, modRevision: 10n }),
    );
  });

  it.each([
    ['C-15: no object', '[]', { kind: 'invalid' }],
    ['no JSON', '{', { kind: 'invalid' }],
    ['a document', '{"ttl":20,"x":1}', { kind: 'valid', config: { ttl: 20_000, document: { ttl: 20, x: 1 } } }],
    [
      'a broken ttl still pauses',
      '{"ttl":"abc","pause":true}',
      { kind: 'valid', rejected: 'ttl: abc is not an integer', config: { pause: true } },
    ],
  ])('%s', (_name, value, config) => {
    expect(view({ config: value }).config).toMatchObject({ ...config, modRevision: 10n });
  });

  it('a lock whose member key is missing is still a lock', () => {
    expect(view({ leader: 'shop-a' }).lock).toEqual({
      holder: 'shop-a',
      lease: null,
      createRevision: 1n,
      modRevision: 10n,
    });
  });
});

describe('members', () => {
  it.each([
    '[1,2]',
    '{',
    '',
    '"text"',
    'null',
    '{"tags":[1],"timeline":"x","role":7,"state":null,"xlog_location":"0/1E000160"}',
  ])('C-04: %j is a member of which nothing is known', (value) => {
    expect(view({ 'members/shop-a': value }).members).toMatchObject([
      {
        name: 'shop-a',
        state: 'unknown',
        role: 'unknown',
        agent: 'foreign',
        connUrl: null,
        apiUrl: null,
        tags: {},
        position: null,
        timeline: null,
        pause: false,
        checkpointAfterPromote: 'done',
      },
    ]);
  });

  it.each([
    [
      'C-05: the ancient form',
      'postgres://h:5432/postgres?application_name=http://h:8008/patroni',
      'http://h:8008/patroni',
    ],
    [
      'the same, escaped',
      'postgres://h:5432/postgres?application_name=http%3A%2F%2Fh%3A8008%2Fpatroni',
      'http://h:8008/patroni',
    ],
    ['without an API', 'postgres://h:5432/postgres', null],
  ])('%s', (_name, value, apiUrl) => {
    expect(view({ 'members/a': value }).members).toMatchObject([{ connUrl: 'postgres://h:5432/postgres', apiUrl }]);
  });

  it('C-06: deeper keys and those of others are nobody’s', () => {
    expect(view({ 'members/x/y': '{}', 'matriarch/state': '{}', 'members/': '{}' })).toEqual(view({}));
  });

  it('C-16: keeps every digit of a position', () => {
    const value = `{"xlog_location":${2n ** 60n + 1n}}`;
    const [member] = view({ 'members/a': value }).members;
    expect(member?.position).toBe(2n ** 60n + 1n);
    expect(renderJson(member?.published ?? null)).toBe(value);
  });

  it('C-17: master is a primary', () => {
    expect(view({ 'members/a': '{"role":"master","version":"3.3.2"}' }).members).toMatchObject([
      { role: 'primary', version: '3.3.2', agent: 'foreign' },
    ]);
  });

  it('a standby, sorted by name, and which product it is', () => {
    const standby =
      '{"conn_url":"postgres://10.20.0.12:5432/postgres","api_url":"http://10.20.0.12:8008/patroni","state":"running",' +
      '"role":"replica","version":"4.1.4","agent":"matriarch/0.1.0","tags":{"failover_priority":2,"nofailover":false},' +
      '"xlog_location":503316640,"replay_lsn":503316512,"receive_lsn":503316640,"replication_state":"streaming",' +
      '"timeline":7,"pause":true}';
    const { members } = view({ 'members/b': standby, 'members/B': '{"agent":"other/1"}', 'members/a': '{}' });
    expect(members.map((member) => [member.name, member.agent])).toEqual([
      ['B', 'foreign'],
      ['a', 'foreign'],
      ['b', 'ours'],
    ]);
    expect(members[2]).toMatchObject({
      connUrl: 'postgres://10.20.0.12:5432/postgres',
      state: 'running',
      role: 'replica',
      tags: { failover_priority: 2 },
      position: 503316640n,
      receiveLsn: 503316640n,
      replayLsn: 503316512n,
      replicationState: 'streaming',
      timeline: 7,
      pause: true,
    });
  });

  it('T-16: whatever checkpoint_after_promote says, the checkpoint is not done', () => {
    expect(view({ 'members/a': '{"checkpoint_after_promote":false}' }).members).toMatchObject([
      { checkpointAfterPromote: 'pending' },
    ]);
  });
});

describe('status', () => {
  it.each<[string, Record<string, string>, unknown]>([
    ['C-07: a bare integer', { status: '12345' }, { lastLsn: 12345n, slots: new Map(), retainSlots: [] }],
    ['C-08: the legacy key', { 'optime/leader': '777' }, { lastLsn: 777n }],
    ['the legacy key beside status', { 'optime/leader': '777', status: '{}' }, { lastLsn: null }],
    [
      'C-09: JSON inside text',
      { status: '{"optime":"900","slots":"{\\"s\\":1}","retain_slots":"x"}' },
      { lastLsn: 900n, slots: new Map([['s', 1n]]), retainSlots: [] },
    ],
    [
      'what Patroni writes',
      { status: '{"optime":503316768,"slots":{"shop_a":503316768,"bad":"x"},"retain_slots":["shop_a",1]}' },
      { lastLsn: 503316768n, slots: new Map([['shop_a', 503316768n]]), retainSlots: ['shop_a'] },
    ],
    ['of ours: for how long its leader asks', { status: '{"failsafe_ttl":30}' }, { failsafeTtl: 30_000 }],
    ['no JSON', { status: '{' }, { lastLsn: null }],
    ['zero is not known', { status: '{"optime":0}' }, { lastLsn: null }],
    ['another notation is not known (T-15)', { status: '{"optime":"0/1E000160"}' }, { lastLsn: null }],
  ])('%s', (_name, values, status) => {
    expect(view(values).status).toMatchObject(status as object);
  });
});

describe('failover', () => {
  const now = { kind: 'now' };
  it.each<[string, string, unknown]>([
    ['C-12: a lone schedule is no request', '{"scheduled_at":"2026-09-01T02:30:00+00:00"}', null],
    ['a finished request', '{}', null],
    ['empty fields', '{"leader":"","member":null}', null],
    ['no object', '["shop-a"]', null],
    ['nothing', '', null],
    ['C-13: the colon form', 'shop-a:shop-b', { leader: 'shop-a', candidate: 'shop-b', schedule: now }],
    ['a colon form without candidate', 'shop-a:', { leader: 'shop-a', candidate: null, schedule: now }],
    ['a failover', '{"member":"shop-b"}', { leader: null, candidate: 'shop-b', schedule: now }],
    [
      'a scheduled switchover',
      '{"leader":"shop-a","member":"shop-b","scheduled_at":"2026-09-01T02:30:00+00:00"}',
      { leader: 'shop-a', candidate: 'shop-b', schedule: { kind: 'at', at: Date.UTC(2026, 8, 1, 2, 30) } },
    ],
    ['T-03: no date', '{"leader":"a","scheduled_at":"soon"}', { schedule: { kind: 'unreadable', text: 'soon' } }],
    ['T-03: no text', '{"leader":"a","scheduled_at":[1]}', { schedule: { kind: 'unreadable', text: '[1]' } }],
  ])('%s', (_name, value, request) => {
    const read = view({ failover: value });
    expect(read.failoverKeyRevision).toBe(10n);
    if (request === null) expect(read.failover).toBeNull();
    else expect(read.failover).toMatchObject({ ...(request as object), modRevision: 10n });
  });
});

describe('sync', () => {
  it('C-10: a list in one text, compared without case', () => {
    const { sync } = view({ sync: '{"leader":"shop-a","sync_standby":" shop-B ,shop-c,"}' });
    expect(sync).toEqual({ leader: 'shop-a', voters: ['shop-B', 'shop-c'], quorum: 0, modRevision: 10n });
    expect(sync !== null && isVoter(sync, memberName('SHOP-b'))).toBe(true);
    expect(sync !== null && isVoter(sync, memberName('shop-a'))).toBe(false);
  });

  it.each([
    '{}',
    'null',
    '',
    '{',
    '{"leader":null,"quorum":null,"sync_standby":null}',
    '{"leader":"","sync_standby":"b"}',
    '{"leader":"a","quorum":"x"}',
    '{"leader":"a","quorum":1.5}',
  ])('C-11: %j is no synchronous mode', (value) => {
    expect(view({ sync: value }).sync).toBeNull();
  });

  it.each([
    ['{"leader":"a","quorum":2,"sync_standby":"b,c"}', 2, ['b', 'c']],
    ['{"leader":"a","quorum":"1","sync_standby":null}', 1, []],
    ['{"leader":"a","quorum":null,"sync_standby":["b"]}', 0, []],
  ])('%j', (value, quorum, voters) => {
    expect(view({ sync: value }).sync).toMatchObject({ quorum, voters });
  });
});

describe('C-14: the timeline that the history shows', () => {
  it.each<[string, number | null]>([
    ['[]', 1],
    ['[[4,1,"x"]]', 5],
    ['[[1,83886320,"r","2026-02-03T09:15:27+00:00","shop-b"],[2,251658400,"r"]]', 3],
    ['[{"x":1},[2,251658400,"r"]]', 3],
    ['[[1,2,"r"],{"x":1}]', null],
    ['[["x",1,"r"]]', null],
    ['{}', null],
    ['{', null],
  ])('%s gives %j', (value, timeline) => {
    expect(clusterTimeline(view({ history: value }).history)).toBe(timeline);
  });

  it('an absent one gives nothing', () => {
    expect(clusterTimeline(view({}).history)).toBeNull();
  });

  it('lines of every length', () => {
    const { history } = view({ history: '[[1,2,"r"],[2,3,"r","t"],[3,4,"r","t","m"]]' });
    expect(history).toMatchObject({
      lines: [
        { timeline: 1, lsn: 2n, reason: 'r', at: null, leader: null },
        { timeline: 2, lsn: 3n, reason: 'r', at: 't', leader: null },
        { timeline: 3, lsn: 4n, reason: 'r', at: 't', leader: 'm' },
      ],
    });
  });
});

it.each([
  ['{"a":"http://a","b":1}', [['a', 'http://a']]],
  ['{}', []],
])('failsafe %s', (value, entries) => {
  expect([...(view({ failsafe: value }).failsafe ?? [])]).toEqual(entries);
});

it('never fails, whatever the keys hold', () => {
  const keys = [
    'initialize',
    'config',
    'leader',
    'members/a',
    'status',
    'optime/leader',
    'history',
    'failover',
    'sync',
    'failsafe',
    'x',
  ];
  const fieldNames = [
    'ttl',
    'postgresql',
    'slots',
    'optime',
    'tags',
    'leader',
    'member',
    'scheduled_at',
    'quorum',
    'sync_standby',
    'retain_slots',
    'conn_url',
    'xlog_location',
    'timeline',
    '__proto__',
  ];
  const scalar = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String));
  const object = fc.dictionary(fc.constantFrom(...fieldNames), scalar).map((value) => JSON.stringify(value));
  const value = fc.oneof(object, fc.json(), fc.string());
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...keys), value), (values) => {
      expect(view(values).revision).toBe(at);
    }),
    { numRuns: 500 },
  );
});
