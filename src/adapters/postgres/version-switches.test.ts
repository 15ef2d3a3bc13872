/** What the versions that no machine of ours runs are given: 13, 14 and 16, beside their neighbours that are run. */
import { describe, expect, test } from 'vitest';
import { conninfoText, parseConninfo } from './connection/conninfo.ts';
import { undisturbed } from './connection/undisturbed.ts';
import { parameterType } from './files/parameter-table.ts';
import { recoverySettings } from './files/recovery-settings.ts';
import { monitoringQuery } from './observe/monitoring-query.ts';
import { basebackupOptions } from './tasks/base-backup.ts';

const majors = [13, 14, 15, 16, 17, 18] as const;

/** In which versions it is so; in the other ones it is not. */
function expectIn(versions: readonly number[], isSo: (major: number) => boolean): void {
  expect(majors.filter(isSo)).toEqual(versions);
}

describe('the connection to an upstream', () => {
  const target = {
    host: 'n1',
    port: 5432,
    database: 'postgres',
    credentials: { username: 'replicator', password: null, connection: { sslcrldir: '/crl' } },
  };
  test.each([
    ['channel_binding', [13, 14, 15, 16, 17, 18]],
    ['gssencmode', [13, 14, 15, 16, 17, 18]],
    ['sslcrldir', [14, 15, 16, 17, 18]],
    ['sslnegotiation', [17, 18]],
  ])('PG-41: %s is said to %j', (keyword, versions) => {
    expectIn(versions, (major) => keyword in (parseConninfo(conninfoText(target, major)) ?? {}));
  });

  test('the database is said to every version: slots are synchronised over it from 17 on', () => {
    expectIn([...majors], (major) => parseConninfo(conninfoText(target, major))?.['dbname'] === 'postgres');
  });
});

describe('recovery settings', () => {
  const config = {
    replication: { username: 'replicator', password: null, connection: {} },
    pgpassFile: '/p',
    section: {},
  };
  test.each([
    ['promote_trigger_file', [13, 14, 15]],
    ['restore_command', [13, 14, 15, 16, 17, 18]],
    ['recovery_min_apply_delay', [13, 14, 15, 16, 17, 18]],
  ])('%s is written for %j', (name, versions) => {
    const standby = { upstream: null, slot: null, recovery: { [name]: 'x' } };
    expectIn(versions, (major) => name in recoverySettings(standby, config, major));
  });
});

describe('copies', () => {
  test.each([
    ['--compress=server-gzip', [15, 16, 17, 18]],
    ['--compress=server-zstd:3', [15, 16, 17, 18]],
    ['--compress=gzip', []],
    ['--compress=9', []],
    ['--max-rate=100M', [13, 14, 15, 16, 17, 18]],
  ])('PG-54: %s is passed on to %j', (option, versions) => {
    expectIn(versions, (major) => basebackupOptions([option], major).includes(option));
  });
});

describe("a superuser's session of ours", () => {
  test.each([
    ['idle_session_timeout', [14, 15, 16, 17, 18]],
    ['transaction_timeout', [17, 18]],
    ['event_triggers', [17, 18]],
  ])('%s is said to %j', (name, versions) => {
    expectIn(versions, (major) => name in undisturbed(major));
  });
});

describe('the monitoring query', () => {
  test.each([
    ['failover', [17, 18]],
    ['synced', [17, 18]],
    ['CheckpointWriteDelay', [15, 16, 17, 18]],
    // Columns and functions of 13 are there in every later one.
    ['written_lsn', [13, 14, 15, 16, 17, 18]],
    ['wal_status', [13, 14, 15, 16, 17, 18]],
    ['pg_is_wal_replay_paused', [13, 14, 15, 16, 17, 18]],
    // Came with 14, 14, 16.
    ['pg_get_wal_replay_pause_state', []],
    ['two_phase', []],
    ['conflicting', []],
  ])('%s is asked of %j', (word, versions) => {
    expectIn(versions, (major) => new RegExp(`\\b${word}\\b`).test(monitoringQuery(major)));
  });
});

describe('parameters', () => {
  test.each([
    ['vacuum_cleanup_index_scale_factor', [13]],
    ['operator_precedence_warning', [13]],
    ['stats_temp_directory', [13, 14]],
    ['force_parallel_mode', [13, 14, 15]],
    ['vacuum_defer_cleanup_age', [13, 14, 15]],
    ['old_snapshot_threshold', [13, 14, 15, 16]],
    ['db_user_namespace', [13, 14, 15, 16]],
    ['wal_keep_size', [13, 14, 15, 16, 17, 18]],
    ['max_slot_wal_keep_size', [13, 14, 15, 16, 17, 18]],
    ['idle_session_timeout', [14, 15, 16, 17, 18]],
    ['compute_query_id', [14, 15, 16, 17, 18]],
    ['recovery_prefetch', [15, 16, 17, 18]],
    ['archive_library', [15, 16, 17, 18]],
    ['reserved_connections', [16, 17, 18]],
    ['debug_parallel_query', [16, 17, 18]],
    ['sync_replication_slots', [17, 18]],
    ['summarize_wal', [17, 18]],
    ['synchronized_standby_slots', [17, 18]],
    ['io_method', [18]],
    ['idle_replication_slot_timeout', [18]],
  ])('%s is a parameter of %j', (name, versions) => {
    expectIn(versions, (major) => parameterType(name, major * 10_000 + 1) !== null);
  });

  test.each([
    ['compute_query_id', 14, ['auto']],
    ['compute_query_id', 16, ['auto', 'regress']],
  ])('%s of %i takes %j beside on and off', (name, major, words) => {
    expect(parameterType(name, major * 10_000)).toEqual({ kind: 'boolean-or-word', words });
  });
});
