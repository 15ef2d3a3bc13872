import type { Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import { storeKey } from '../domain/names.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { asSeen, type StoreWrite } from '../domain/store-write.ts';
import { conclude, run, wait } from './conclude.ts';
import { controlData, heldLock, leaderName, presentDirectory } from './facts.ts';
import { releaseWithoutData, UNREADABLE_PATIENCE } from './release-without-data.ts';

/** Does this data directory belong to this cluster (spec/ha.md 2.9)? */
export function identity(o: Observation, m: Memory): Decision | null {
  const view = latestView(o);
  const directory = o.postgres === null ? null : presentDirectory(o.postgres);
  if (view === null || directory === null || m.bootstrap.kind !== 'none') return null;
  const mine = directory.control?.systemId ?? null;
  if (mine === null) return releaseWithoutData(o, m, UNREADABLE_PATIENCE) ?? unreadable(o);
  const { initialize } = view;
  if (initialize.kind === 'initialized') {
    if (initialize.systemId === mine || o.dynamic.pause) return null;
    // Whoever ends leaves no server behind that belongs to nobody here (spec/ha.md 2.9 I3).
    if (o.postgres?.process.kind !== 'none') return stopForeign(o);
    const facts = { mine, cluster: initialize.systemId };
    return conclude('foreign-cluster', { kind: 'exit', code: 1, message: mismatch(o, facts) }, facts);
  }
  if (initialize.kind !== 'absent' || leaderName(o, m) !== null || o.dynamic.pause) return null;
  return strayStandby(o, m) ?? unregistered(o, m, mine);
}

/**
 * Nobody has registered a cluster of this scope, and a standby of another one lies here: a mistake in the configuration,
 * more likely than not. By it a second cluster would be made of the same data, and clients find two primaries.
 */
function strayStandby({ config, postgres }: Observation, m: Memory): Decision | null {
  const found = postgres === null ? null : presentDirectory(postgres);
  const was = found?.signal === 'standby' && m.applied === null && m.lastHolder === null ? found.foundScope : undefined;
  if (was === undefined || was === config.scope) return null;
  const remedy =
    `a person: what lies in ${config.postgres.dataDir} is a standby of the cluster ${was}, and the store knows no ` +
    `cluster ${config.scope}: is scope right? If it is, start the agent beside the primary first; remove standby.signal ` +
    'to make a cluster of what lies here';
  return wait('standby-of-another-scope', remedy, null, { was });
}

/** The store names another cluster than the one that lies here. */
export function belongsElsewhere(o: Observation): boolean {
  const initialize = latestView(o)?.initialize;
  const mine = controlData(o)?.systemId ?? null;
  return initialize?.kind === 'initialized' && mine !== null && initialize.systemId !== mine;
}

/** The store names the cluster that lies here. */
export function belongsHere(o: Observation): boolean {
  const initialize = latestView(o)?.initialize;
  return initialize?.kind === 'initialized' && initialize.systemId === controlData(o)?.systemId;
}

/**
 * What the holder of the lock has to write, as long as the store does not say which cluster this is. Not while that is being
 * created: what fails at it leaves no cluster behind, and the claim free.
 */
export function unregisteredIdentity(o: Observation, m: Memory): StoreWrite | null {
  const initialize = latestView(o)?.initialize;
  const held = heldLock(o);
  const systemId = controlData(o)?.systemId ?? null;
  const isCreated = m.bootstrap.kind === 'none' || m.bootstrap.kind === 'created';
  if (initialize === undefined || initialize.kind === 'initialized' || held === null) return null;
  if (systemId === null || !isCreated) return null;
  const key = storeKey('initialize');
  const underLock = { kind: 'create-revision-is', key: storeKey('leader'), revision: held.createRevision } as const;
  const seen = initialize.kind === 'absent' ? null : initialize.modRevision;
  return {
    key,
    action: { kind: 'put', value: { kind: 'text', text: systemId }, lease: null },
    when: [underLock, asSeen(key, seen)],
  };
}

function mismatch({ config }: Observation, ids: { readonly mine: string; readonly cluster: string }): string {
  const { name, scope, postgres } = config;
  return (
    `system ID mismatch, node ${name} belongs to a different cluster: ${ids.cluster} != ${ids.mine}; ` +
    `what lies in ${postgres.dataDir} is not of the cluster that the store knows as ${scope}: if scope and data_dir ` +
    'are right, move the directory away, and the next start copies the cluster'
  );
}

function unreadable({ config }: Observation): Decision {
  const remedy =
    `a person: pg_controldata finds no valid system identifier in ${config.postgres.dataDir}: is bin_dir of the ` +
    'version that made it? If it is broken, reinitialize this member';
  return wait('system-id-unreadable', remedy);
}

function stopForeign(o: Observation): Decision {
  const { primaryStopTimeout: timeout } = o.dynamic;
  return run('foreign-cluster', { kind: 'stop', mode: 'fast', checkpointFirst: false, timeout });
}

/**
 * Nobody has registered a cluster, and data lies here. A server that already accepts connections simply races, and an
 * agent that has seen a leader knows that the cluster exists, whatever became of its keys (spec/ha.md 2.9 I7).
 */
function unregistered(o: Observation, m: Memory, mine: string): Decision | null {
  const server = o.postgres?.server.kind;
  if (server === 'primary' || server === 'standby' || server === 'silent' || m.lastHolder !== null) return null;
  const isStandby = o.postgres !== null && presentDirectory(o.postgres)?.signal === 'standby';
  if (isStandby && o.postgres.process.kind === 'running') {
    const message =
      'no initialize key in the store and PostgreSQL is running as a replica: first start the agent beside the primary';
    return conclude('standby-without-cluster', { kind: 'exit', code: 1, message });
  }
  const key = storeKey('initialize');
  return conclude('claim-initialize', {
    kind: 'write',
    write: {
      key,
      action: { kind: 'put', value: { kind: 'text', text: mine }, lease: null },
      when: [{ kind: 'absent', key }],
    },
  });
}
