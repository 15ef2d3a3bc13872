import type { Credentials } from '../../../domain/agent-config.ts';
import type { Millis } from '../../../domain/time.ts';
import { features } from '../version.ts';
import { unsetMode } from './tls.ts';

/** Where a connection goes and as whom, before it becomes text for libpq or options for `pg`. */
export type ConnectionTarget = {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly credentials: Credentials;
};

/** libpq keywords in the order in which they are written (spec/postgres.md 7.3). */
const ORDER = [
  'dbname',
  'user',
  'passfile',
  'host',
  'port',
  'sslmode',
  'sslcompression',
  'sslcert',
  'sslkey',
  'sslpassword',
  'sslrootcert',
  'sslcrl',
  'sslcrldir',
  'application_name',
  'krbsrvname',
  'gssencmode',
  'channel_binding',
  'target_session_attrs',
  'sslnegotiation',
  'connect_timeout',
  'keepalives_idle',
  'keepalives_interval',
  'keepalives_count',
  'tcp_user_timeout',
] as const;

type Keyword = (typeof ORDER)[number];

/** What a connection says beyond where it goes and as whom. */
type More = Partial<
  Record<
    | 'passfile'
    | 'application_name'
    | 'target_session_attrs'
    | 'krbsrvname'
    | 'connect_timeout'
    | 'keepalives_idle'
    | 'keepalives_interval'
    | 'keepalives_count'
    | 'tcp_user_timeout',
    string
  >
>;

/**
 * A conninfo string without a password: that is in the pgpass file which `more.passfile` or PGPASSFILE names, because
 * the string itself ends up in configuration files, process lists and pg_stat_wal_receiver.
 */
export function conninfoText(target: ConnectionTarget, major: number, more: More = {}): string {
  const values: Partial<Record<string, string>> = {
    sslmode: unsetMode(target.credentials.connection) ?? 'prefer',
    gssencmode: 'prefer',
    channel_binding: 'prefer',
    sslnegotiation: 'postgres',
    ...target.credentials.connection,
    dbname: target.database,
    user: target.credentials.username,
    host: target.host,
    port: String(target.port),
    ...more,
  };
  return ORDER.filter((keyword) => isKnown(keyword, major))
    .map((keyword) => ({ keyword, value: values[keyword] }))
    .filter((pair) => pair.value !== undefined && pair.value !== '')
    .map((pair) => `${pair.keyword}=${escapeValue(pair.value ?? '')}`)
    .join(' ');
}

/** Probes of an idle connection, of which this many in a row without an answer end it. */
const PROBES = 3;

/**
 * Keywords that end a connection of which nothing was heard for `patience`: a host that is gone, or cut off, sends no
 * word of it, and the kernel's own limits are hours. They count whole seconds.
 */
export function mortal(patience: Millis): More {
  const interval = Math.max(1, Math.floor(patience / 1000 / (2 * PROBES)));
  const idle = Math.max(1, Math.floor(patience / 1000) - PROBES * interval);
  return {
    connect_timeout: String(Math.max(2, Math.floor(patience / 1000))),
    keepalives_idle: String(idle),
    keepalives_interval: String(interval),
    keepalives_count: String(PROBES),
    tcp_user_timeout: String(Math.ceil(patience)),
  };
}

/** Keyword to value. @returns `null` when the text is no `key=value` conninfo string. */
export function parseConninfo(text: string): Readonly<Record<string, string>> | null {
  const values: Record<string, string> = {};
  const pair = /\s*([A-Za-z_]\w*)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))/y;
  while (text.slice(pair.lastIndex).trim() !== '') {
    const match = pair.exec(text);
    if (match?.[1] === undefined) return null;
    values[match[1]] = (match[2] ?? match[3] ?? '').replace(/\\(.)/g, '$1');
  }
  return values;
}

function isKnown(keyword: Keyword, major: number): boolean {
  if (keyword === 'sslcrldir') return features.conninfoSslCrlDir(major);
  if (keyword === 'sslnegotiation') return features.conninfoSslNegotiation(major);
  return true;
}

function escapeValue(value: string): string {
  return value.replace(/['\\\s]/g, '\\$&');
}
