import { derived } from './derived.ts';
import type { DynamicConfig } from './dynamic-config.ts';
import { isJsonObject, type Json, type JsonObject } from './json.ts';
import { type MemberName, memberName, type SlotName, slotName } from './names.ts';
import { parseInteger } from './quantity.ts';
import { isTruthy } from './tags.ts';
import { textForm } from './text-form.ts';

/** Where a standby cluster's WAL comes from (spec/config.md 6.1, `standby_cluster`). */
export type RemoteSource = {
  /** `null`: from an archive alone. The host may be a list with commas, which PostgreSQL tries in order. */
  readonly address: { readonly host: string; readonly port: number } | null;
  /** `null`: none is used (code wins over the documentation, spec/ha.md 12). */
  readonly slot: SlotName | null;
  /** `restore_command` and `archive_cleanup_command`: for every member. */
  readonly recovery: Readonly<Record<string, string>>;
  /** `recovery_min_apply_delay`: for whoever follows the remote itself. */
  readonly applyDelay: string | null;
};

/** Does this whole cluster follow another one? So it does when `standby_cluster` says where WAL comes from. */
export function isStandbyCluster(dynamic: DynamicConfig): boolean {
  return namesSource(dynamic.document);
}

/** Asked for many times with every step, as `sourceIn` is. */
const namesSource = derived((document: JsonObject): boolean => {
  const section = document['standby_cluster'];
  if (!isJsonObject(section)) return false;
  return Object.entries(section).some(([name, value]) => sources.has(name) && isTruthy(value));
});

/** A standby cluster's leader accepts no write that a standby could confirm: the mode has no effect there. */
export function synchronousModeInForce(dynamic: DynamicConfig): DynamicConfig['synchronousMode'] {
  return isStandbyCluster(dynamic) ? 'off' : dynamic.synchronousMode;
}

/** @returns `null`: this is no standby cluster. */
export function remoteSource(dynamic: DynamicConfig): RemoteSource | null {
  return sourceIn(dynamic.document);
}

const sourceIn = derived((document: JsonObject): RemoteSource | null => {
  const section = document['standby_cluster'];
  if (!namesSource(document) || !isJsonObject(section)) return null;
  const text = (name: string): string | null => {
    const value = section[name];
    return value !== undefined && isTruthy(value) ? textForm(value) : null;
  };
  const host = text('host');
  const port = parseInteger(section['port']);
  const slot = text('primary_slot_name');
  return {
    address: host === null && port === null ? null : { host: host ?? 'localhost', port: port ?? POSTGRES_PORT },
    slot: slot === null ? null : slotName(slot),
    recovery: Object.fromEntries(
      ['restore_command', 'archive_cleanup_command'].flatMap((name) => {
        const command = text(name);
        return command === null ? [] : [[name, command] as const];
      }),
    ),
    applyDelay: text('recovery_min_apply_delay'),
  };
});

/** The methods by which this cluster copies the other one, as named there; absent: as any cluster. */
export function remoteReplicaMethods(dynamic: Pick<DynamicConfig, 'document'>): { readonly remoteMethods?: Json } {
  const section = dynamic.document['standby_cluster'];
  const names = isJsonObject(section) ? section['create_replica_methods'] : undefined;
  return names === undefined || !isTruthy(names) ? {} : { remoteMethods: names };
}

/**
 * What a remote source is called where members are called by name. No member has that name, and another address is
 * another source: what was found out about one says nothing of the next.
 */
export function remoteName({ host, port }: NonNullable<RemoteSource['address']>): MemberName {
  return memberName(`${REMOTE_PREFIX}${host}:${String(port)}`);
}

/** Also of a source that was followed before. */
export function isRemoteName(name: MemberName): boolean {
  return name.startsWith(REMOTE_PREFIX);
}

const REMOTE_PREFIX = 'remote_member:';

const sources: ReadonlySet<string> = new Set(['host', 'port', 'restore_command']);
const POSTGRES_PORT = 5432;
