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
};

/** Do both say the same? */
export function sameDesired(a: DesiredPostgres, b: DesiredPostgres): boolean {
  return canonical(a) === canonical(b);
}

function canonical(desired: DesiredPostgres): string {
  const { parameters, hba, ident, standby } = desired;
  const upstream = standby?.upstream ?? null;
  return JSON.stringify([
    sortedEntries(parameters),
    hba,
    ident,
    standby === null
      ? null
      : [upstream === null ? null : sortedEntries(upstream), standby.slot, sortedEntries(standby.recovery)],
  ]);
}

function sortedEntries(record: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  return Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
