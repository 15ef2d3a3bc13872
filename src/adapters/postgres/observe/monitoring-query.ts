import { NEEDED_BY_REPLAY } from '../files/server-parameters.ts';
import { features } from '../version.ts';

/**
 * One row with everything that a look needs of a running server (spec/postgres.md 17.1). Names are not qualified: the
 * session's search_path is pg_catalog alone. What may not be called in the other role stands in a CASE.
 */
export function monitoringQuery(major: number): string {
  return `
SELECT pg_is_in_recovery() AS in_recovery,
       current_setting('server_version_num') AS version,
       CASE WHEN pg_is_in_recovery() THEN NULL
            ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END AS primary_timeline,
       CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_current_wal_flush_lsn() END AS flush_lsn,
       pg_last_wal_receive_lsn() AS receive_lsn,
       CASE WHEN pg_is_in_recovery() THEN NOT EXISTS (${WAITS_FOR_WAL}) END AS replays,
       pg_last_wal_replay_lsn() AS replay_lsn,
       CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() ELSE false END AS replay_paused,
       CASE WHEN pg_is_in_recovery() THEN json_build_object(${LIMITS}) END AS limits,
       floor(extract(epoch FROM pg_last_xact_replay_timestamp()) * 1000) AS replayed_at_ms,
       (SELECT json_build_object('status', status, 'timeline', received_tli, 'written_lsn', written_lsn,
                                 'latest_end_lsn', latest_end_lsn)
          FROM pg_stat_get_wal_receiver() WHERE status IS NOT NULL) AS wal_receiver,
       current_setting('synchronous_standby_names') AS sync_names,
       ${features.checkpointerShowsItsDelay(major) ? `EXISTS (${CHECKPOINTER_WORKS})` : 'false'} AS checkpointer_works,
       current_setting('primary_conninfo') AS primary_conninfo,
       current_setting('primary_slot_name') AS primary_slot_name,
       current_setting('restore_command') <> '' AS has_restore_command,
       (SELECT coalesce(json_agg(json_build_object('pid', pid, 'user', usename, 'application_name', application_name,
                 'client_address', host(client_addr), 'state', state, 'sync_state', sync_state,
                 'sync_priority', sync_priority, 'write_lsn', write_lsn, 'flush_lsn', flush_lsn,
                 'replay_lsn', replay_lsn) ORDER BY pid), '[]')
          FROM pg_stat_replication) AS wal_senders,
       (SELECT coalesce(json_agg(json_build_object('name', slot_name, 'type', slot_type, 'active', active,
                 'restart_lsn', restart_lsn, 'confirmed_flush_lsn', confirmed_flush_lsn,
                 'has_xmin', xmin IS NOT NULL, 'database', database, 'plugin', plugin,
                 'is_lost', coalesce(wal_status = 'lost', false)${features.syncedSlots(major) ? FAILOVER : ''}) ORDER BY slot_name), '[]')
          FROM pg_replication_slots
         WHERE NOT temporary) AS slots`;
}

/**
 * The startup process has come to the end of what is here. So it has where anything was received since its start. Both are
 * looked up before the position that it has come to.
 */
const WAITS_FOR_WAL = `SELECT FROM pg_stat_get_activity(NULL)
         WHERE backend_type = 'startup' AND wait_event IN ('RecoveryRetrieveRetryInterval', 'RecoveryWalStream')`;

/** Where it waits it has read the configuration, if it was told of it before. */
const CHECKPOINTER_WORKS = `SELECT FROM pg_stat_get_activity(NULL)
         WHERE backend_type = 'checkpointer'
           AND coalesce(wait_event, '') NOT IN ('CheckpointerMain', 'CheckpointWriteDelay')`;

const LIMITS = NEEDED_BY_REPLAY.map((name) => `'${name}', current_setting('${name}')`).join(', ');

const FAILOVER = `,
                 'failover', failover, 'synced', synced`;

/**
 * Parameters that wait for a restart, with what the files say; and, because PostgreSQL's own flag does not see them,
 * the parameters that were given on the command line.
 */
export const SETTINGS_QUERY = `
SELECT name, current_setting(name) AS value, pending_restart,
       (SELECT setting FROM pg_file_settings AS file WHERE file.name = own.name ORDER BY seqno DESC LIMIT 1) AS wanted
  FROM pg_settings AS own
 WHERE pending_restart OR source = 'command line'`;
