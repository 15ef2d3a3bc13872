import type { FileRole } from '../domain/agent-config.ts';
import type { Member } from '../domain/cluster-view.ts';
import { derived, derivedTogether } from '../domain/derived.ts';
import type { DesiredPostgres, DesiredStandby, Upstream } from '../domain/desired-postgres.ts';
import type { Memory } from '../domain/memory.ts';
import { slotNameOf } from '../domain/names.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import type { CurrentUpstream } from '../domain/postgres-report.ts';
import { remoteName, remoteSource } from '../domain/standby-cluster.ts';
import { replicatesFrom } from '../domain/tags.ts';
import { foreignHolder, heldLock } from './facts.ts';
import { keepsLogicalSlots, wantsLogicalSlots } from './logical-slots.ts';

/** What the files should say on a primary. */
export function desiredPrimary(o: Observation): DesiredPostgres {
  return { ...common(o, 'primary'), standby: null };
}

/** The parameter that a synchronous mode takes for itself. */
export const SYNC_NAMES = 'synchronous_standby_names';

/** The same, waiting for these standbys. */
export function withSyncNames(desired: DesiredPostgres, names: string): DesiredPostgres {
  return { ...desired, parameters: parametersWith(desired.parameters, SYNC_NAMES, names) };
}

/** The same object as long as the rest is the same: what was applied is compared with every step. */
const parametersWith = derivedTogether(
  (parameters: DesiredPostgres['parameters'], name: string, value: string): DesiredPostgres['parameters'] => ({
    ...parameters,
    [name]: value,
  }),
);

/** `synchronous_standby_names` as the server shows it; `null`: it does not answer. */
export function namesInForce(o: Pick<Observation, 'postgres'>): string | null {
  const server = o.postgres?.server;
  return server?.kind === 'primary' || server?.kind === 'standby' ? (server.syncNames ?? '') : null;
}

/**
 * What the files should say on a primary that runs. In a synchronous mode the names are what was last made of them: only
 * `sync-replication.ts` changes them.
 */
export function primaryAsItRuns(o: Observation, m: Memory): DesiredPostgres {
  const desired = desiredPrimary(o);
  // Once the mode is off the key goes first: if it came back on before, the names would still fit it.
  if (o.dynamic.synchronousMode === 'off' && (latestView(o)?.sync ?? null) === null) return desired;
  return withSyncNames(desired, namesWritten(m) ?? namesInForce(o) ?? '');
}

/** The names that the files of a primary say since they were last written; `null`: it was not me, or not for a primary. */
export function namesWritten({ applied }: Memory): string | null {
  return applied === null || applied.standby !== null ? null : (applied.parameters[SYNC_NAMES] ?? null);
}

/** What the files should say on a standby of `upstream`, or on one that follows nobody. */
export function desiredStandby(o: Observation, upstream: Upstream | null): DesiredPostgres {
  const role = remoteSource(o.dynamic) !== null && heldLock(o) !== null ? 'standby_leader' : 'replica';
  return { ...common(o, role), standby: { upstream, slot: slotAt(o, upstream), recovery: recovery(o, upstream) } };
}

/**
 * A member keeps a slot for each other one; another cluster only the one that is configured there. That is the standby
 * leader's, and lets nobody else in while it streams: who gets the rest of a rewind from there does without, also while
 * nobody leads and somebody else may have it.
 */
function slotAt(o: Observation, upstream: Upstream | null): DesiredStandby['slot'] {
  if (upstream === null || !o.effective.useSlots) return null;
  if (!isRemoteOf(o, upstream)) return slotNameOf(o.config.name);
  const mayLeadNext = foreignHolder(o) === null && o.postgres?.server.kind === 'standby';
  return heldLock(o) !== null || mayLeadNext ? (remoteSource(o.dynamic)?.slot ?? null) : null;
}

/** The archive of the other cluster is everybody's; who stays behind on purpose is the standby leader alone. */
function recovery(o: Observation, upstream: Upstream | null): DesiredStandby['recovery'] {
  const remote = remoteSource(o.dynamic);
  if (remote === null) return o.effective.recovery;
  const isDelayed = remote.applyDelay !== null && upstream !== null && isRemoteOf(o, upstream);
  return {
    ...o.effective.recovery,
    ...remote.recovery,
    ...(isDelayed && { recovery_min_apply_delay: remote.applyDelay }),
  };
}

function isRemoteOf(o: Observation, upstream: Upstream): boolean {
  const address = remoteSource(o.dynamic)?.address ?? null;
  return address !== null && upstream.member === remoteName(address);
}

/** The address that a member published; `null` when it published none that can be used. */
export function upstreamOf(o: Observation, member: Member | null): Upstream | null {
  const address = member === null ? null : addressOf(member);
  if (member === null || address === null) return null;
  const { host, port, database } = address;
  return { member: member.name, host, port, database, applicationName: o.config.name };
}

/** Does a server that has `current` in force follow `wanted`? Nobody is followed where both are `null`. */
export function isUpstream(current: CurrentUpstream | null, wanted: Upstream | null): boolean {
  if (current === null || wanted === null) return current === wanted;
  return current.host === wanted.host && current.port === wanted.port;
}

type Address = Pick<Upstream, 'host' | 'port' | 'database'>;

/** Asked for with every step. */
const addressOf = derived((member: Member) => (member.connUrl === null ? null : addressIn(member.connUrl)));

function common(o: Observation, role: FileRole): Pick<DesiredPostgres, 'parameters' | 'hba' | 'ident'> {
  const { parameters, pgHba, pgIdent } = o.effective.roles?.[role] ?? o.effective;
  return {
    parameters: needsFeedback(o) ? parametersWith(parameters, 'hot_standby_feedback', 'on') : parameters,
    hba: pgHba.length === 0 ? null : pgHba,
    ident: pgIdent.length === 0 ? null : pgIdent,
  };
}

/**
 * A copy of a logical slot is of use only as long as the primary keeps the catalog rows that it needs: this member, or one
 * that streams from it, has to tell (spec/ha.md SL21).
 */
function needsFeedback(o: Observation): boolean {
  if (!wantsLogicalSlots(o)) return false;
  const view = latestView(o);
  const followers = view?.members.filter(({ tags }) => replicatesFrom(tags) === o.config.name) ?? [];
  return [o.config, ...followers].some((who) => keepsLogicalSlots(o, view, who));
}

/** `postgres://host:port/database`, the host perhaps in brackets; the port is 5432 when there is none. */
export function addressIn(connUrl: string): Address | null {
  const parts = /^postgres(?:ql)?:\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/?]+)(?::(\d+))?(?:\/([^?]*))?/.exec(connUrl);
  const host = parts?.[1];
  if (host === undefined) return null;
  const database = parts?.[3];
  return {
    host: host.replace(/^\[|\]$/g, '').toLowerCase(),
    port: Number(parts?.[2] ?? '5432'),
    database: database === undefined || database === '' ? 'postgres' : database,
  };
}
