import type { DesiredPostgres } from '../../src/domain/desired-postgres.ts';
import { leaseId, revision, type SystemId, storeKey, systemId } from '../../src/domain/names.ts';
import type { Tags } from '../../src/domain/tags.ts';
import type { PostgresTask } from '../../src/domain/task.ts';
import type { Checker } from '../../src/simulator/checkers/checker.ts';
import { firstBranch } from '../../src/simulator/postgres/wal-branch.ts';
import type { Fact, FilesState, ServerState, WalEnd } from '../../src/simulator/world/facts.ts';

export const branch = firstBranch('a');
const LEASE = leaseId('1');
export const acknowledges = (host: string): Fact => ({ kind: 'acknowledges', host, branch });
export const quiet = (host: string): Fact => ({ kind: 'falls-quiet', host });
export const extended = (host: string, sentAt: number): Fact => ({
  kind: 'lease-extended',
  lease: LEASE,
  by: host,
  sentAt,
  ttl: 5000,
});
export const stored = (
  key: string,
  change: { value: string | null; previous: string | null; by: string | null; sentAt?: number },
): Fact => ({
  kind: 'stored',
  revision: revision(2n),
  key: storeKey(key),
  lease: change.value === null ? null : LEASE,
  ...change,
});
export const locked = (host: string): Fact => stored('leader', { value: host, previous: null, by: host });
export const removed = (host: string): Fact => ({
  kind: 'data-removed',
  host,
  had: 'cluster',
  task: { kind: 'remove-data', allowedBy: 'a test' },
});
const identifierOf = (digits: string): SystemId => {
  const identifier = systemId(digits);
  if (identifier === null) throw new Error('no identifier');
  return identifier;
};
export const ONE = '7400000000000000001';
export const TWO = '7400000000000000002';
export const created = (host: string, id: string): Fact => ({
  kind: 'cluster-created',
  host,
  systemId: identifierOf(id),
});
export const copied = (host: string, id: string): Fact => ({
  kind: 'files-replaced',
  host,
  systemId: identifierOf(id),
});
export const began = (host: string, task: PostgresTask): Fact => ({ kind: 'task-began', host, task });
export const ended = (host: string, task: PostgresTask): Fact => ({ kind: 'task-ended', host, task, how: 'done' });
export const told = (host: string, deadline: number | null): Fact => ({ kind: 'guardian-told', host, deadline });
export const configured = (host: string, tags: Tags): Fact => ({ kind: 'agent-began', host, tags });
export const promoting = (host: string, position = 0, rivals: readonly WalEnd[] = []): Fact => {
  return { kind: 'promoting', host, branch, position, rivals };
};
/** Stopped in order with its WAL up to 500, unless told otherwise. */
export const server = (host: string, state: ServerState, change: Partial<FilesState> = {}): Fact => {
  const files = {
    systemId: identifierOf(ONE),
    branch,
    position: 500,
    checkpointAt: 380,
    control: 'shut down',
    isHalfRewound: false,
    ...change,
  } as const;
  return { kind: 'server', host, state, files };
};
export const released = (host: string): Fact => stored('leader', { value: null, previous: host, by: host });
export const desired: DesiredPostgres = { parameters: {}, hba: null, ident: null, standby: null };

/** What a checker says to a history of (time, fact), and at its end. */
export function judged(
  checker: Checker,
  history: readonly (readonly [number, Fact])[],
  end = 100_000,
): readonly string[] {
  // As in a run: it is asked about nothing else.
  const heard = history.filter(([, fact]) => checker.hears.includes(fact.kind));
  const said = heard.map(([time, fact]) => checker.see(fact, time));
  return [...said, checker.end?.(end) ?? null].filter((each) => each !== null);
}
