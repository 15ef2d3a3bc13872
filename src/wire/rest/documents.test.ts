import { describe, expect, test } from 'vitest';
import { clusterView, leaderSnapshot, NOW, replicaSnapshot, WALL_NOW } from '../../../test/support/node-snapshot.ts';
import type { Decision } from '../../domain/decision.ts';
import { isJsonObject, type JsonObject } from '../../domain/json.ts';
import { memberName } from '../../domain/names.ts';
import type { RuleName } from '../../domain/rule.ts';
import { later, millis } from '../../domain/time.ts';
import { clusterDocument } from './cluster-document.ts';
import { decisionDocument } from './decision-document.ts';
import { historyDocument } from './history-document.ts';
import { renderSpacedJson } from './spaced-json.ts';

function membersOf(document: JsonObject): readonly JsonObject[] {
  const members = document['members'];
  return Array.isArray(members) ? members.filter(isJsonObject) : [];
}

describe('rest-api', () => {
  test('REST-40, REST-41: members sorted by name, the leader without positions, unknown ones in words', () => {
    const view = clusterView({
      'members/n3': { conn_url: 'postgres://[fd00::3]/postgres', state: 'stopped', role: 'replica', version: '4.1.4' },
      'members/n0': {},
    });
    const members = membersOf(clusterDocument(view, 'demo'));

    expect(members.map(renderSpacedJson)).toEqual([
      '{"name": "n0", "role": "replica", "state": "", "api_url": null, "receive_lsn": "unknown", ' +
        '"receive_lag": "unknown", "replay_lsn": "unknown", "replay_lag": "unknown", "lsn": "unknown", "lag": "unknown"}',
      '{"name": "n1", "role": "leader", "state": "running", "api_url": "http://10.0.0.1:8008/patroni", ' +
        '"host": "10.0.0.1", "port": 5432, "timeline": 4}',
      '{"name": "n2", "role": "replica", "state": "streaming", "api_url": "http://10.0.0.2:8008/patroni", ' +
        '"host": "10.0.0.2", "port": 5432, "timeline": 4, "receive_lag": 0, "receive_lsn": "0/5000060", ' +
        '"replay_lag": 0, "replay_lsn": "0/5000060", "lag": 0, "lsn": "0/5000060"}',
      '{"name": "n3", "role": "replica", "state": "stopped", "api_url": null, "host": "fd00::3", "port": 5432, ' +
        '"receive_lsn": "unknown", "receive_lag": "unknown", "replay_lsn": "unknown", "replay_lag": "unknown", ' +
        '"lsn": "unknown", "lag": "unknown"}',
    ]);
  });

  test('REST-41: lag is bytes behind what the leader last wrote, and nobody is ahead of it', () => {
    const view = clusterView({
      status: { optime: 1000 },
      'members/n2': { state: 'running', receive_lsn: 1200, replay_lsn: 900, xlog_location: 1200 },
    });

    expect(membersOf(clusterDocument(view, 'demo'))[1]).toMatchObject({ receive_lag: 0n, replay_lag: 100n, lag: 0n });
  });

  test('REST-42: a scheduled switchover shows only who is named', () => {
    const view = clusterView({ failover: { leader: 'n1', scheduled_at: '2031-05-04T10:00:00+00:00' } });

    expect(renderSpacedJson(clusterDocument(view, 'demo'))).toMatch(
      /, "scheduled_switchover": \{"at": "2031-05-04T10:00:00\+00:00", "from": "n1"\}, "scope": "demo"\}$/,
    );
  });

  test('REST-43: no history is an empty list', () => {
    expect(renderSpacedJson(historyDocument(clusterView().history))).toBe('[]');
  });
});

test('roles follow the lock, the sync key and the kind of the cluster', () => {
  const roles = (keys: JsonObject): unknown =>
    membersOf(clusterDocument(clusterView(keys), 'demo')).map((member) => member['role']);
  const sync = { leader: 'n1', quorum: 1, sync_standby: 'N2' };

  expect(roles({ sync, config: { synchronous_mode: true } })).toEqual(['leader', 'sync_standby', 'replica']);
  expect(roles({ sync, config: { synchronous_mode: 'quorum' } })).toEqual(['leader', 'quorum_standby', 'replica']);
  expect(roles({ sync, config: { synchronous_mode: true, standby_cluster: { host: 'x' } } })).toEqual([
    'standby_leader',
    'replica',
    'replica',
  ]);
  expect(roles({ sync, config: { standby_cluster: { host: '' } } })).toEqual(['leader', 'replica', 'replica']);
});

test('history lines have as many elements as are known', () => {
  const history = [
    [1, 10, 'no recovery target specified'],
    [2, 20, 'x', '2026-05-11T22:40:03+00:00'],
    [3, 30, 'y', '2026-05-12T22:40:03+00:00', 'n1'],
  ];

  expect(renderSpacedJson(historyDocument(clusterView({ history }).history))).toBe(renderSpacedJson(history));
});

describe('GET /decision', () => {
  const decision: Decision = {
    rule: 'ask-peers-first' as RuleName,
    action: { kind: 'ask-peers', members: [memberName('n1'), memberName('n3')] },
    facts: { timeline: 4 },
    refused: [{ alternative: 'promote', because: 'n3 has not answered' }],
  };

  test('says what, why, what else was refused and what is missing', () => {
    const document = decisionDocument(replicaSnapshot({ snapshot: { decision } }), NOW);

    expect(document).toMatchObject({
      member: 'n2',
      rule: 'ask-peers-first',
      action: { kind: 'ask-peers', members: ['n1', 'n3'] },
      waits_for: 'answers of n1, n3',
      facts: { timeline: 4 },
      refused: [{ alternative: 'promote', because: 'n3 has not answered' }],
      since: '2031-05-04T09:00:00+00:00',
      lock: { kind: 'not-held' },
      task: null,
      next_step_in_ms: 10_000,
    });
    expect(WALL_NOW).toBe(Date.UTC(2031, 4, 4, 9));
  });

  test('counts the lease down by the clock of who asks, also below zero', () => {
    expect(decisionDocument(leaderSnapshot(), NOW)).toMatchObject({ lock: { kind: 'held', deadline_in_ms: 5_000 } });
    expect(decisionDocument(leaderSnapshot(), later(NOW, millis(6_000)))).toMatchObject({
      lock: { kind: 'held', deadline_in_ms: -1_000 },
    });
  });

  test('shows nothing of what is written into files or keys', () => {
    const standby = null;
    const desired = { parameters: { 'app.secret': 'hush' }, hba: ['hush'], ident: null, standby };
    const reconfigure = { ...decision, action: { kind: 'reconfigure', desired } as const };
    const document = decisionDocument(replicaSnapshot({ snapshot: { decision: reconfigure } }), NOW);

    expect(renderSpacedJson(document)).not.toContain('hush');
  });
});
