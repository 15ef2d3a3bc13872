/** PostgreSQL majors that the adapter is written for. */
export const MAJOR_MIN = 13;

/**
 * What differs between majors, as far as the adapter meets it (spec/postgres.md 2). Each question is one function of
 * the major version, so that the rest of the adapter never compares versions.
 */
export const features = {
  /** `CHECKPOINT (FLUSH_UNLOGGED)`. */
  checkpointFlushesUnlogged: (major: number) => major >= 19,
  /** A standby takes up another restore_command at a reload; before, it takes a restart. */
  restoreCommandReloads: (major: number) => major >= 14,
  /** The parameter `idle_session_timeout`. */
  idleSessionTimeout: (major: number) => major >= 14,
  /** `pg_rewind --config-file`, needed to find restore_command when the configuration lies outside the data directory. */
  rewindTakesConfigFile: (major: number) => major >= 15,
  /** Client-side `--compress` makes pg_basebackup write archives; only the server's own may be asked for, from 15 on. */
  basebackupServerCompression: (major: number) => major >= 15,
  /** The checkpointer that pauses within a checkpoint waits for an event, and reads the configuration before. */
  checkpointerShowsItsDelay: (major: number) => major >= 15,
  /** Slots that PostgreSQL itself copies to standbys: columns `failover` and `synced` of pg_replication_slots. */
  syncedSlots: (major: number) => major >= 17,
  /** Event triggers on logins, and the parameter `event_triggers` that keeps a superuser's session from all of them. */
  loginTriggers: (major: number) => major >= 17,
  /** The parameter `transaction_timeout`. */
  transactionTimeout: (major: number) => major >= 17,
  /** libpq keyword `sslcrldir`. */
  conninfoSslCrlDir: (major: number) => major >= 14,
  /** libpq keyword `sslnegotiation`. */
  conninfoSslNegotiation: (major: number) => major >= 17,
} as const satisfies Record<string, (major: number) => boolean>;

/** `15` of the file PG_VERSION. @returns `null` when the text is no version this adapter knows how to read. */
export function parseMajorVersion(text: string): number | null {
  const major = /^(\d{1,3})(?:\.\d+)?\s*$/.exec(text)?.[1];
  return major === undefined ? null : Number(major);
}

/** `150018` of `postgres (PostgreSQL) 15.18 (Debian …)`; development versions count as minor 0. */
export function parseToolVersion(text: string): number | null {
  const match = /\(PostgreSQL\) (\d{1,3})(?:\.(\d{1,3}))?/.exec(text);
  return match?.[1] === undefined ? null : Number(match[1]) * 10_000 + Number(match[2] ?? 0);
}

export function majorOf(serverVersion: number): number {
  return Math.floor(serverVersion / 10_000);
}
