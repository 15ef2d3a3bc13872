import { describe, expect, test } from 'vitest';
import {
  leaderSnapshot,
  NOW,
  primaryAnswer,
  replicaSnapshot,
  standbyAnswer,
} from '../../../../test/support/node-snapshot.ts';
import { createMeters } from '../../../adapters/meters/create-meters.ts';
import type { MeterReadings } from '../../../domain/meter-readings.ts';
import type { NodeSnapshot } from '../../../domain/node-snapshot.ts';
import { millis, wallTime } from '../../../domain/time.ts';
import { nodeFacts } from '../node-facts.ts';
import { metricsText } from './metrics-text.ts';

const nothing = createMeters().readings();

function text(snapshot: NodeSnapshot, readings: MeterReadings = nothing): string {
  return metricsText({ snapshot, facts: nodeFacts(snapshot, NOW), readings, now: NOW });
}

/** Name and labels to value, as any parser would have them. */
function samples(snapshot: NodeSnapshot, readings?: MeterReadings): Readonly<Record<string, string>> {
  const lines = text(snapshot, readings).split('\n');
  return Object.fromEntries(
    lines
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.replace(/ \S+$/, ''), line.replace(/^.* /, '')]),
  );
}

const sample = (snapshot: NodeSnapshot, name: string, member: string): string | undefined =>
  samples(snapshot)[`${name}{scope="demo",name="${member}"}`];

/** Names and types in order, as the compatibility notes have them (spec/rest-api.md 11). */
const patroniNames = [
  'patroni_version gauge',
  'patroni_postgres_running gauge',
  'patroni_postmaster_start_time gauge',
  'patroni_primary gauge',
  'patroni_xlog_location counter',
  'patroni_standby_leader gauge',
  'patroni_replica gauge',
  'patroni_sync_standby gauge',
  'patroni_quorum_standby gauge',
  'patroni_xlog_received_location counter',
  'patroni_xlog_replayed_location counter',
  'patroni_xlog_replayed_timestamp gauge',
  'patroni_xlog_paused gauge',
  'patroni_postgres_streaming gauge',
  'patroni_postgres_in_archive_recovery gauge',
  'patroni_postgres_server_version gauge',
  'patroni_cluster_unlocked gauge',
  'patroni_failsafe_mode_is_active gauge',
  'patroni_failsafe_mode_enabled gauge',
  'patroni_failsafe_member gauge',
  'patroni_postgres_timeline gauge',
  'patroni_dcs_last_seen gauge',
  'patroni_pending_restart gauge',
  'patroni_is_paused gauge',
  'patroni_postgres_state gauge',
  'patroni_failover_priority gauge',
];

describe('REST-38: the metrics of Patroni', () => {
  test('have their names, types and order, each with its help, and two labels', () => {
    const all = text(replicaSnapshot());
    const types = [...all.matchAll(/^# TYPE (patroni_\S+ \S+)$/gm)].map(([, found]) => found);

    expect(types).toEqual(patroniNames);
    for (const each of patroniNames) {
      const name = each.replace(/ .*/, '');
      expect(all).toMatch(
        new RegExp(
          `^# HELP ${name} \\S.*\\n(# Values: .*\\n)?# TYPE ${name} \\S+\\n${name}\\{scope="demo",name="n2"\\} \\S+\\n`,
          'm',
        ),
      );
    }
    expect(all.endsWith('\n')).toBe(true);
  });

  test('of a primary', () => {
    const values = samples(leaderSnapshot());
    const of = (name: string): string | undefined => values[`${name}{scope="demo",name="n1"}`];

    expect(of('patroni_primary')).toBe('1');
    expect(of('patroni_replica')).toBe('0');
    expect(of('patroni_xlog_location')).toBe('83886176');
    expect(of('patroni_xlog_received_location')).toBe('0');
    expect(of('patroni_postmaster_start_time')).toBe('1935648900.12');
    expect(of('patroni_postgres_server_version')).toBe('170002');
    expect(of('patroni_postgres_state')).toBe('5');
    expect(of('patroni_cluster_unlocked')).toBe('0');
  });

  test('of a replica', () => {
    const server = standbyAnswer({ replayedAt: wallTime(1_935_648_900_000), replayPaused: true });
    const values = samples(
      replicaSnapshot({ server, keys: { failsafe: { n2: 'http://n2' } }, dynamic: { failsafe_mode: true } }),
    );
    const of = (name: string): string | undefined => values[`${name}{scope="demo",name="n2"}`];

    expect(of('patroni_replica')).toBe('1');
    expect(of('patroni_postgres_streaming')).toBe('1');
    expect(of('patroni_xlog_replayed_timestamp')).toBe('1935648900.0');
    expect(of('patroni_xlog_paused')).toBe('1');
    expect(of('patroni_failsafe_mode_enabled')).toBe('1');
    expect(of('patroni_failsafe_member')).toBe('1');
    expect(of('patroni_postgres_timeline')).toBe('4');
  });

  test.each([
    [{}, '1'],
    [{ failover_priority: 3 }, '3'],
    [{ failover_priority: -1 }, '-1'],
    [{ failover_priority: 'high' }, '1'],
    [{ nofailover: true, failover_priority: 3 }, '0'],
  ])('the priority of %j is %s', (tags, priority) => {
    expect(sample(replicaSnapshot({ tags }), 'patroni_failover_priority', 'n2')).toBe(priority);
  });
});

test('REST-37: of a server that does not answer nothing is said', () => {
  const snapshot = leaderSnapshot({ server: { kind: 'silent', since: NOW } });

  expect(sample(snapshot, 'patroni_postgres_state', 'n1')).toBe('-1');
  expect(sample(snapshot, 'patroni_postgres_running', 'n1')).toBe('0');
  expect(text(snapshot)).not.toMatch(/patroni_postgres_streaming|patroni_postgres_in_archive_recovery/);
  expect(sample(snapshot, 'patroni_postmaster_start_time', 'n1')).toBe('0');
});

test('REST-39: the version is its figures, two for each part', () => {
  expect(sample(leaderSnapshot(), 'patroni_version', 'n1')).toBe('040104');
});

describe('the metrics of our own', () => {
  test('say how old the lease is, and until when the lock is held', () => {
    expect(sample(leaderSnapshot(), 'matriarch_lease_age_seconds', 'n1')).toBe('25');
    expect(sample(leaderSnapshot(), 'matriarch_lock_remaining_seconds', 'n1')).toBe('5');
    expect(text(replicaSnapshot())).not.toContain('matriarch_lock_remaining_seconds');
  });

  test('what is not known has no sample', () => {
    const snapshot = leaderSnapshot({ observation: { lease: null, store: { kind: 'unknown' } } });

    expect(text(snapshot)).not.toMatch(
      /matriarch_(lease_age|lock_remaining|store_silent|guardian_ready|last_promotion)/,
    );
  });

  test('count steps, answers of the store and promotions', () => {
    const meters = createMeters();
    meters.stepTook(millis(2));
    meters.stepFailed();
    meters.storeAnswered('keep-alive', millis(4));
    meters.storeAnswered('keep-alive', millis(400));
    meters.storeAnswered('write', null);
    meters.promoted({ reason: 'lease-ended', writeGap: millis(5_100) });
    const values = samples(leaderSnapshot(), meters.readings());
    const labels = 'scope="demo",name="n1"';

    expect(values).toMatchObject({
      [`matriarch_step_seconds_bucket{${labels},le="0.001"}`]: '0',
      [`matriarch_step_seconds_bucket{${labels},le="0.0025"}`]: '1',
      [`matriarch_step_seconds_bucket{${labels},le="+Inf"}`]: '1',
      [`matriarch_step_seconds_sum{${labels}}`]: '0.002',
      [`matriarch_defects_total{${labels}}`]: '1',
      [`matriarch_store_request_seconds_bucket{${labels},request="keep-alive",le="0.005"}`]: '1',
      [`matriarch_store_request_seconds_count{${labels},request="keep-alive"}`]: '2',
      [`matriarch_store_unanswered_total{${labels},request="write"}`]: '1',
      [`matriarch_promotions_total{${labels},reason="lease-ended"}`]: '1',
      [`matriarch_last_promotion_write_gap_seconds{${labels}}`]: '5.1',
    });
  });
});

test('labels are escaped', () => {
  const { observation } = leaderSnapshot();
  const config = { ...observation.config, scope: 'a"b\\c\nd' };

  expect(text(leaderSnapshot({ observation: { config } }))).toContain(
    'patroni_primary{scope="a\\"b\\\\c\\nd",name="n1"} 1',
  );
});

test('nothing is said twice', () => {
  const server = primaryAnswer({ pendingRestart: [{ name: 'max_connections', oldValue: '100', newValue: '200' }] });
  const lines = text(leaderSnapshot({ server }))
    .split('\n')
    .map((line) => line.replace(/ \S+$/, ''));

  expect(new Set(lines).size).toBe(lines.length);
});
