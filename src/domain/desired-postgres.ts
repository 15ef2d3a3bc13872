import { deepEqual } from './deep-equal.ts';
import type { SlotName } from './names.ts';

/** What PostgreSQL's files should say. Computed by pure rules; an adapter writes it and nothing else. */
export type DesiredPostgres = {
  /** Name to value, as `postgresql.conf` takes it (unquoted). */
  readonly parameters: Readonly<Record<string, string>>;
  /** Lines of pg_hba.conf; `null`: the file is not ours. */
  readonly hba: readonly string[] | null;
  readonly ident: readonly string[] | null;
  /** `null`: a primary's configuration, no standby.signal. */
  readonly standby: DesiredStandby | null;
};

export type DesiredStandby = {
  /** `null`: follow nobody, stay read-only. */
  readonly upstream: Upstream | null;
  readonly slot: SlotName | null;
  readonly recovery: Readonly<Record<string, string>>;
};

/** Where WAL comes from. Credentials are the adapter's own knowledge. */
export type Upstream = {
  /** The member's name; only for explanations. */
  readonly member: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** What the upstream knows us by (`application_name`): our member name. */
  readonly applicationName: string;
  /** `host` is a list, and the one of them is meant that accepts writes. */
  readonly readWrite?: true;
};

/** Do both say the same? */
export function sameDesired(a: DesiredPostgres, b: DesiredPostgres): boolean {
  return deepEqual(a, b);
}
