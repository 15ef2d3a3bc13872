import { describe, expect, it } from 'vitest';
import { memberName } from '../domain/names.ts';
import { instant } from '../domain/time.ts';
import { readPeerAnswer } from './peer.ts';

const member = memberName('n2');
const askedAt = instant(5);

function read(body: string, isOnOldWal = false) {
  return readPeerAnswer({
    member,
    askedAt,
    body,
    headers: { lookedAgo: null, isOnOldWal, keepsOut: false, getsNoLock: false },
  });
}

const replica =
  '{"state": "running", "postmaster_start_time": "2031-05-04 08:15:00.120000+00:00", "role": "replica", ' +
  '"server_version": 170002, "xlog": {"received_location": 83886080, "replayed_location": 83886000, ' +
  '"replayed_timestamp": null, "paused": false}, "timeline": 4, "replication_state": "streaming", ' +
  '"dcs_last_seen": 1935735300, "tags": {"nofailover": true}, "watchdog_failed": true, ' +
  '"database_system_identifier": "7400000000000000001", "patroni": {"version": "4.1.4", "scope": "demo", "name": "n2"}}';

describe('how a reply is read (ha.md 2.12)', () => {
  it('a standby says how far it is', () => {
    expect(read(replica)).toEqual({
      kind: 'reported',
      member,
      askedAt,
      recovery: 'standby',
      position: 83886080n,
      timeline: 4,
      tags: { nofailover: true },
      lookedAgo: null,
      watchdogFailed: true,
      isUnpromised: false,
    });
  });

  it('a standby on old WAL has more than it says', () => {
    expect(read(replica, true)).toMatchObject({ position: 83886080n, hasMore: true });
  });

  it.each<[string, string, unknown]>([
    [
      'a primary has a location',
      '{"xlog":{"location":503316768},"timeline":7}',
      { recovery: 'primary', position: null, timeline: 7 },
    ],
    [
      'it may say that it left the lead to nobody',
      '{"xlog":{"location":1},"failsafe_unpromised":true}',
      { isUnpromised: true },
    ],
    ['so has one under the newer name', '{"wal":{"location":1}}', { recovery: 'primary' }],
    ['a role of primary is enough', '{"role":"primary","xlog":{}}', { recovery: 'primary' }],
    ['and master, as it was called', '{"role":"master","xlog":{}}', { recovery: 'primary' }],
    [
      'a standby leader is a standby',
      '{"role":"standby_leader","xlog":{"received_location":1,"replayed_location":2}}',
      { recovery: 'standby', position: 2n },
    ],
    [
      'zero is not known',
      '{"xlog":{"received_location":0,"replayed_location":0}}',
      { recovery: 'standby', position: null },
    ],
    [
      'every digit counts',
      '{"xlog":{"received_location":1152921504606846977,"replayed_location":1}}',
      { position: 2n ** 60n + 1n },
    ],
    [
      'one that has parted from the last leader says so',
      '{"xlog":{"received_location":1,"replayed_location":1},"diverged":true}',
      { isDiverged: true },
    ],
    [
      'nothing said is nothing known',
      '{"xlog":{"received_location":1,"replayed_location":1},"timeline":null,"tags":null}',
      { timeline: null, tags: {}, watchdogFailed: false },
    ],
  ])('%s', (_rule, body, answer) => {
    expect(read(body)).toMatchObject({ kind: 'reported', ...(answer as object) });
  });

  it.each([
    ['it cannot vouch for its PostgreSQL', '{"state":"stopped","role":"replica"}'],
    ['it cannot vouch for its PostgreSQL, though it says primary', '{"state":"unknown","role":"primary"}'],
    ['a standby without its positions', '{"role":"replica","xlog":{"received_location":null,"replayed_location":1}}'],
    ['no object', '[]'],
    ['an empty answer', ''],
    ['an error page', '<html>'],
  ])('%s: no answer', (_rule, body) => {
    expect(read(body)).toMatchObject({ kind: 'no-answer', member, askedAt });
  });

  it.each([
    ['no data directory is there', 'stopped', 'uninitialized', true],
    ['one is being copied', 'creating replica', 'uninitialized', true],
    ['a replica is down', 'stopped', 'replica', true],
    ['a former primary is down', 'stopped', 'demoted', true],
    ['a primary is down, and may be started again', 'stopped', 'primary', undefined],
    ['one is being promoted', 'stopped', 'promoted', undefined],
    ['processes of a former primary may be left', 'crashed', 'demoted', undefined],
    ['a server hangs', 'running', 'uninitialized', undefined],
    ['a cluster is being created', 'initializing new cluster', 'uninitialized', undefined],
    ['its agent has not looked yet', 'unknown', 'uninitialized', undefined],
  ])('%s: is it at rest?', (_rule, state, role, atRest) => {
    expect(read(JSON.stringify({ state, role }))).toEqual({
      kind: 'no-answer',
      member,
      askedAt,
      reason: 'it cannot vouch for its PostgreSQL',
      ...(atRest === undefined ? {} : { atRest }),
    });
  });
});
