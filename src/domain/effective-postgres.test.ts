import { describe, expect, it } from 'vitest';
import { effectivePostgres } from './effective-postgres.ts';
import type { JsonObject } from './json.ts';
import { seconds } from './time.ts';

function merged(local: JsonObject, dynamic: JsonObject) {
  return effectivePostgres({ local, dynamic });
}

describe('what holds without any configuration (config.md 7.1)', () => {
  it('is the controlled defaults, slots and a base backup', () => {
    expect(merged({}, {})).toEqual({
      warnings: [],
      effective: {
        parameters: {
          wal_level: 'hot_standby',
          hot_standby: 'on',
          max_connections: '100',
          max_wal_senders: '10',
          max_prepared_transactions: '0',
          max_locks_per_transaction: '64',
          track_commit_timestamp: 'off',
          max_replication_slots: '10',
          max_worker_processes: '8',
          wal_log_hints: 'on',
        },
        pgHba: [],
        pgIdent: [],
        usePgRewind: false,
        useSlots: true,
        removeDataOnRewindFailure: false,
        removeDataOnDivergedTimelines: false,
        basebackupOptions: [],
        rewindOptions: [],
        replicaMethods: [{ kind: 'basebackup', options: [] }],
        prePromote: null,
        beforeStop: null,
        startTimeout: seconds(60),
        recovery: {},
        callbacks: {},
      },
    });
  });
});

describe('parameters', () => {
  it.each<[string, JsonObject, JsonObject, JsonObject]>([
    [
      'CONF-8: local controlled ones are dropped',
      { max_connections: 500 },
      { max_connections: 200 },
      { max_connections: '200' },
    ],
    ['CONF-9: names have no case', { Work_Mem: '8MB' }, { work_mem: '4MB' }, { work_mem: '8MB' }],
    ['values become text as Patroni makes it', { ssl: true, 'app.n': 0.5 }, {}, { ssl: 'True', 'app.n': '0.5' }],
    ['null takes one away', { work_mem: null }, { work_mem: '4MB' }, {}],
    [
      'minimums are met exactly',
      {},
      { max_connections: '25', wal_keep_size: '16MB' },
      { max_connections: '25', wal_keep_size: '16MB' },
    ],
    ['wal_level has no case', {}, { wal_level: 'LOGICAL' }, { wal_level: 'LOGICAL' }],
  ])('%s', (_rule, local, dynamic, expected) => {
    const { effective, warnings } = merged({ parameters: local }, { parameters: dynamic });
    expect(effective.parameters).toEqual({ ...merged({}, {}).effective.parameters, ...expected });
    expect(warnings).toEqual([]);
  });

  it.each<[string, JsonObject, string | undefined]>([
    ['CONF-7: below the minimum gives the default, not the minimum', { max_connections: 10 }, '100'],
    ['a text that is no number', { max_worker_processes: 'many' }, '8'],
    ['a standby has to be readable', { hot_standby: 'off' }, 'on'],
    ['minimal WAL replicates nothing', { wal_level: 'minimal' }, 'hot_standby'],
    ['too little WAL kept', { wal_keep_size: '8MB' }, '128MB'],
    ['the agent knows its own port', { port: 5433 }, undefined],
    ['the agent knows its own name', { CLUSTER_NAME: 'x' }, undefined],
  ])('%s, with a warning', (_rule, dynamic, value) => {
    const { effective, warnings } = merged({}, { parameters: dynamic });
    const [name = ''] = Object.keys(dynamic);
    expect(effective.parameters[name.toLowerCase()]).toBe(value);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`defaulting to ${value ?? 'None'}`);
  });
});

describe('everything else', () => {
  it('CONF-10: local pg_hba hides the dynamic one', () => {
    expect(merged({ pg_hba: ['A'] }, { pg_hba: ['B'] }).effective.pgHba).toEqual(['A']);
    expect(merged({}, { pg_hba: ['B'] }).effective.pgHba).toEqual(['B']);
  });

  it('CONF-11: local recovery_conf hides the dynamic one', () => {
    const local = { recovery_conf: { restore_command: 'x' } };
    const dynamic = { recovery_conf: { archive_cleanup_command: 'y' } };
    expect(merged(local, dynamic).effective.recovery).toEqual({ restore_command: 'x' });
  });

  it('CONF-12: addresses, paths and users of the dynamic section are nobody’s', () => {
    const dynamic = { listen: '*:1', data_dir: '/x', authentication: {}, use_pg_rewind: true };
    expect(merged({}, dynamic).effective).toEqual({ ...merged({}, {}).effective, usePgRewind: true });
  });

  it('CONF-13: use_slots comes from the dynamic section alone', () => {
    expect(merged({ use_slots: false }, { use_slots: true }).effective.useSlots).toBe(true);
    expect(merged({ use_slots: true }, { use_slots: 'off' }).effective.useSlots).toBe(false);
  });

  it('recovery settings among the parameters replace recovery_conf, without what the agent decides', () => {
    const local = {
      recovery_conf: { archive_cleanup_command: 'y' },
      parameters: { restore_command: 'cp', recovery_target_time: 'now', primary_conninfo: 'host=x', work_mem: '1MB' },
    };
    const { effective } = merged(local, {});
    expect(effective.recovery).toEqual({ restore_command: 'cp' });
    expect(effective.parameters).toMatchObject({ work_mem: '1MB' });
    expect(Object.keys(effective.parameters)).not.toContain('recovery_target_time');
  });

  it('switches are read by truthiness: a quoted "off" is true (config.md 15, 8)', () => {
    expect(merged({ use_pg_rewind: 'off' }, {}).effective.usePgRewind).toBe(true);
    expect(merged({ use_pg_rewind: 0 }, { use_pg_rewind: true }).effective.usePgRewind).toBe(false);
  });

  it('the former create_replica_method is read', () => {
    expect(merged({ create_replica_method: ['wal_e', 'basebackup'] }, {}).effective.replicaMethods).toMatchObject([
      { kind: 'command', name: 'wal_e' },
      { kind: 'basebackup' },
    ]);
  });

  it.each([
    ['90', 90],
    ['soon', 60],
    [0, 0],
    [null, 0],
  ])('pg_ctl_timeout %j is %d s', (configured, span) => {
    expect(merged({ pg_ctl_timeout: configured }, {}).effective.startTimeout).toBe(seconds(span));
  });
});
