import type { LeaseId, Revision } from '../../domain/names.ts';
import { revision } from '../../domain/names.ts';
import type { StoreWrite } from '../../domain/store-write.ts';
import { readClusterView } from '../../wire/dcs/cluster-view.ts';
import { encodeTrace } from '../../wire/trace-text.ts';
import { KeySpace, storedText } from '../store/key-space.ts';
import { newestRevision, type RecordedWrite, type StoreRecord } from './store-record.ts';

/** What made one revision. `lease-ended`: its keys went all at once. */
export type Cause =
  | { readonly kind: 'write'; readonly write: RecordedWrite }
  | { readonly kind: 'lease-ended'; readonly lease: LeaseId };

export type Walk =
  | { readonly kind: 'explained'; readonly causes: ReadonlyMap<Revision, Cause> }
  | {
      readonly kind: 'contradiction';
      readonly at: Revision;
      readonly why: string;
      readonly causes: ReadonlyMap<Revision, Cause>;
    };

/**
 * Put the writes of all members in the order of their revisions and run them through the model's key space: each write
 * that succeeded must be allowed by the model there, each conflict must be one in the model, and each picture and each
 * read must show what the model holds. A revision that nobody was told of is a lease that ended, or a write whose answer
 * nobody heard; which of them is found by trying.
 */
export function walkKeySpace(record: StoreRecord): Walk {
  const newest = newestRevision(record);
  const known = { record, evidence: evidenceOf(record), newest: newest ?? revision(1n) };
  const causes = new Map<Revision, Cause>();
  let keys = new KeySpace();
  for (let at = revision(2n); at <= known.newest; at = revision(at + 1n)) {
    const found = explain(known, { keys, causes, at, ahead: LOOK_AHEAD });
    if (found.kind === 'none') return { kind: 'contradiction', at, why: found.why, causes };
    causes.set(at, found.cause);
    // Looking ahead has led the model further than this revision.
    keys = found.keys.revision === at ? found.keys : spaceAfter(causes.values());
  }
  return { kind: 'explained', causes };
}

/** How many revisions in a row may be without a picture before the first fitting cause is taken as the right one. */
const LOOK_AHEAD = 6;

type Known = { readonly record: StoreRecord; readonly evidence: Evidence; readonly newest: Revision };

/** `keys` is the model after `causes`; whoever is called may change it. */
type Place = {
  readonly keys: KeySpace;
  readonly causes: ReadonlyMap<Revision, Cause>;
  readonly at: Revision;
  readonly ahead: number;
};

type Explained =
  | { readonly kind: 'found'; readonly cause: Cause; readonly keys: KeySpace }
  | { readonly kind: 'none'; readonly why: string };

/** The first cause that fits what was seen at this revision, and leaves the next ones explicable. */
function explain(known: Known, { keys, causes, at, ahead }: Place): Explained {
  const possible = candidates(known.record, { keys, causes, at });
  let why = 'no lease and no unanswered write is left that could have made it';
  for (const cause of possible) {
    const tried = possible.length === 1 ? keys : spaceAfter(causes.values());
    const problem = refusal(tried, cause) ?? problemAt(known.evidence, after(tried, cause), at);
    if (problem !== null) {
      why = `${describe(cause)}: ${problem}`;
      continue;
    }
    const isSure = known.evidence.views.has(at) || ahead === 0 || at >= known.newest;
    if (isSure) return { kind: 'found', cause, keys: tried };
    const next = { keys: tried, causes: new Map(causes).set(at, cause), at: revision(at + 1n), ahead: ahead - 1 };
    const further = explain(known, next);
    if (further.kind === 'found') return { kind: 'found', cause, keys: further.keys };
    why = further.why;
  }
  return { kind: 'none', why };
}

/** A write that was told this revision made it, unless it deleted what was not there. */
function candidates(record: StoreRecord, { keys, causes, at }: Omit<Place, 'ahead'>): readonly Cause[] {
  const changes = ({ write }: RecordedWrite): boolean => write.action.kind === 'put' || keys.get(write.key) !== null;
  const told = record.writes.filter(
    ({ answered }) => answered?.outcome.kind === 'written' && answered.outcome.revision === at,
  );
  const made = told.filter(changes);
  if (made.length > 0) return made.map((write) => ({ kind: 'write', write }));
  const used = new Set([...causes.values()].flatMap((cause) => (cause.kind === 'write' ? [cause.write] : [])));
  const unheard = record.writes.filter(
    (each) => isUnheard(each) && !used.has(each) && changes(each) && keys.satisfies(each.write.when),
  );
  const leases = new Set(keys.all().flatMap(({ lease }) => (lease === null ? [] : [lease])));
  return [
    ...[...leases].map((lease): Cause => ({ kind: 'lease-ended', lease })),
    ...unheard.map((write): Cause => ({ kind: 'write', write })),
  ];
}

function isUnheard({ answered }: RecordedWrite): boolean {
  return answered === null || answered.outcome.kind === 'no-answer';
}

/** The model's key space after these causes. */
function spaceAfter(causes: Iterable<Cause>): KeySpace {
  const keys = new KeySpace();
  for (const cause of causes) apply(keys, cause);
  return keys;
}

function after(keys: KeySpace, cause: Cause): KeySpace {
  apply(keys, cause);
  return keys;
}

/** `null`: the model does it. */
function refusal(keys: KeySpace, cause: Cause): string | null {
  return cause.kind === 'lease-ended' || keys.satisfies(cause.write.write.when) ? null : 'the model answers: conflict';
}

function apply(keys: KeySpace, cause: Cause): void {
  if (cause.kind === 'lease-ended') {
    keys.delete(keys.all().flatMap(({ key, lease }) => (lease === cause.lease ? [key] : [])));
    return;
  }
  const { key, action } = cause.write.write;
  if (action.kind === 'delete') keys.delete([key]);
  else keys.put({ key, value: storedText(action.value), lease: action.lease });
}

/** `isOlder`: recorded by an agent whose pictures did not tell the revision of `status`. */
type Seen = { readonly by: string; readonly text: string; readonly isOlder: boolean };

type Evidence = {
  /** By revision, as text that can be compared. */
  readonly views: ReadonlyMap<Revision, readonly Seen[]>;
  readonly locks: ReadonlyMap<Revision, readonly { readonly by: string; readonly text: string }[]>;
  readonly conflicts: ReadonlyMap<Revision, readonly { readonly by: string; readonly write: StoreWrite }[]>;
};

function evidenceOf({ watches, lockReads, writes }: StoreRecord): Evidence {
  const views = watches.flatMap(({ by, shown }) =>
    shown.flatMap((each) =>
      each.kind === 'view'
        ? [
            {
              by,
              revision: each.view.revision,
              text: encodeTrace(each.view),
              isOlder: each.view.statusKeyRevision === undefined,
            },
          ]
        : [],
    ),
  );
  const locks = lockReads.map(({ by, read }) => ({ by, revision: read.revision, text: encodeTrace(read.lock) }));
  const conflicts = writes.flatMap(({ by, write, answered }) =>
    answered?.outcome.kind === 'conflict' ? [{ by, revision: answered.outcome.revision, write }] : [],
  );
  return {
    views: Map.groupBy(views, (each) => each.revision),
    locks: Map.groupBy(locks, (each) => each.revision),
    conflicts: Map.groupBy(conflicts, (each) => each.revision),
  };
}

/** What was seen at `at` against what the model holds then; `null`: nothing contradicts. */
function problemAt(evidence: Evidence, keys: KeySpace, at: Revision): string | null {
  if (keys.revision !== at) return `the model is at ${keys.revision} then`;
  const shown = readClusterView(keys.all(), at);
  const { statusKeyRevision: _untold, ...older } = shown;
  const view = encodeTrace(shown);
  const olderView = encodeTrace(older);
  const otherView = evidence.views.get(at)?.find(({ text, isOlder }) => text !== (isOlder ? olderView : view));
  if (otherView !== undefined) return `${otherView.by} saw ${otherView.text}, the model shows ${view}`;
  const lock = encodeTrace(lockIn(keys));
  const otherLock = evidence.locks.get(at)?.find(({ text }) => text !== lock);
  if (otherLock !== undefined) return `${otherLock.by} read the lock ${otherLock.text}, the model has ${lock}`;
  const conflict = evidence.conflicts.get(at)?.find(({ write }) => keys.satisfies(write.when));
  if (conflict !== undefined) return `${conflict.by} met a conflict at ${conflict.write.key}, the model finds none`;
  return null;
}

/** In the words of the heartbeat's read. */
function lockIn(keys: KeySpace): unknown {
  const pair = keys.all().find(({ key }) => key === 'leader');
  if (pair === undefined) return null;
  const { value: holder, lease, createRevision, modRevision } = pair;
  return { holder, lease, createRevision, modRevision };
}

function describe(cause: Cause): string {
  if (cause.kind === 'lease-ended') return `lease ${cause.lease} ended`;
  const { by, write } = cause.write;
  return `${by} ${write.action.kind} ${write.key}`;
}
