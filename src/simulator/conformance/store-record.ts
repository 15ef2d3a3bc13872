import type { ClusterView } from '../../domain/cluster-view.ts';
import type { LeaseId, Revision } from '../../domain/names.ts';
import type { StoreWrite, WriteOutcome } from '../../domain/store-write.ts';
import type { Instant, Millis } from '../../domain/time.ts';
import type { LockReadOutcome } from '../../ports/heartbeat.ts';
import type { RecordedMember } from './recorded-member.ts';

/** Everything that the members of one cluster asked of the store and heard from it. */
export type StoreRecord = {
  readonly writes: readonly RecordedWrite[];
  readonly lockReads: readonly RecordedRead[];
  readonly extensions: readonly Extension[];
  readonly watches: readonly RecordedWatch[];
  /** The store's election terms as answers named them, in the order of time. */
  readonly terms: readonly { readonly at: Instant; readonly term: bigint }[];
};

/** `answered` null: nobody lived to hear it. */
export type RecordedWrite = {
  readonly by: string;
  readonly sentAt: Instant;
  readonly write: StoreWrite;
  readonly answered: { readonly at: Instant; readonly outcome: WriteOutcome } | null;
};

export type RecordedRead = {
  readonly by: string;
  readonly sentAt: Instant;
  readonly at: Instant;
  readonly read: Extract<LockReadOutcome, { readonly kind: 'read' }>;
};

/** A grant or a keep-alive. `answered` null: perhaps it reached the store, perhaps not. `givenUpAt`: when it could no more. */
export type Extension = {
  readonly by: string;
  readonly lease: LeaseId;
  readonly sentAt: Instant;
  readonly answered: { readonly at: Instant; readonly ttl: Millis } | null;
  readonly givenUpAt: Instant | null;
};

/** What one life of an agent was shown, in the order it was shown. */
export type RecordedWatch = {
  readonly by: string;
  readonly shown: readonly (
    | { readonly kind: 'view'; readonly at: Instant; readonly view: ClusterView; readonly gapless: boolean }
    | { readonly kind: 'silent'; readonly at: Instant }
  )[];
};

export function storeRecord(members: readonly RecordedMember[]): StoreRecord {
  return {
    writes: members.flatMap(writesOf),
    lockReads: members.flatMap(lockReadsOf),
    extensions: members.flatMap(extensionsOf),
    watches: members.flatMap(watchesOf),
    terms: members.flatMap(termsOf).toSorted((a, b) => a.at - b.at),
  };
}

/** The newest revision that anybody was shown. */
export function newestRevision({ writes, lockReads, watches }: StoreRecord): Revision | null {
  const seen = [
    ...writes.flatMap(({ answered }) => revisionOf(answered?.outcome ?? null)),
    ...lockReads.map(({ read }) => read.revision),
    ...watches.flatMap(({ shown }) => shown.flatMap((each) => (each.kind === 'view' ? [each.view.revision] : []))),
  ];
  return seen.reduce<Revision | null>((newest, each) => (newest === null || each > newest ? each : newest), null);
}

function revisionOf(outcome: WriteOutcome | null): readonly Revision[] {
  return outcome !== null && 'revision' in outcome ? [outcome.revision] : [];
}

function writesOf({ name, agent, heartbeat }: RecordedMember): readonly RecordedWrite[] {
  const ofAgent = agent.flatMap((steps) => {
    const answers = new Map(
      steps.flatMap(({ event }) => (event.kind === 'write-answered' ? [[event.id, event] as const] : [])),
    );
    return steps.flatMap(({ event, effects }) =>
      effects.flatMap((effect): readonly RecordedWrite[] => {
        if (effect.kind !== 'write') return [];
        return [{ by: name, sentAt: event.at, write: effect.write, answered: answers.get(effect.id) ?? null }];
      }),
    );
  });
  const ofHeartbeat = heartbeat.flatMap((steps) => {
    const answers = new Map(
      steps.flatMap(({ event }) => (event.kind === 'written' ? [[event.id, event] as const] : [])),
    );
    return steps.flatMap(({ event, effects }) =>
      effects.flatMap((effect): readonly RecordedWrite[] => {
        if (effect.kind !== 'write') return [];
        return [{ by: name, sentAt: event.at, write: effect.write, answered: answers.get(effect.id) ?? null }];
      }),
    );
  });
  return [...ofAgent, ...ofHeartbeat];
}

function lockReadsOf({ name, heartbeat }: RecordedMember): readonly RecordedRead[] {
  return heartbeat.flat().flatMap(({ event }): readonly RecordedRead[] => {
    if (event.kind !== 'lock-read' || event.outcome.kind !== 'read') return [];
    return [{ by: name, sentAt: event.sentAt, at: event.at, read: event.outcome }];
  });
}

function extensionsOf({ name, heartbeat }: RecordedMember): readonly Extension[] {
  return heartbeat.flatMap((steps) => [...grantsIn(name, steps), ...keepAlivesIn(name, steps)]);
}

type HeartbeatSteps = RecordedMember['heartbeat'][number];

function grantsIn(by: string, steps: HeartbeatSteps): readonly Extension[] {
  return steps.flatMap(({ event }): readonly Extension[] => {
    if (event.kind !== 'granted' || event.outcome.kind !== 'granted') return [];
    const { lease, ttl } = event.outcome;
    return [{ by, lease, sentAt: event.sentAt, answered: { at: event.at, ttl }, givenUpAt: null }];
  });
}

function keepAlivesIn(by: string, steps: HeartbeatSteps): readonly Extension[] {
  const answers = new Map(
    steps.flatMap(({ event }) => (event.kind === 'kept-alive' ? [[event.id, event] as const] : [])),
  );
  return steps.flatMap(({ event, effects }) =>
    effects.flatMap((effect): readonly Extension[] => {
      if (effect.kind !== 'keep-alive') return [];
      const answer = answers.get(effect.id);
      const extension = { by, lease: effect.lease, sentAt: answer?.sentAt ?? event.at };
      if (answer?.outcome.kind !== 'alive') return [{ ...extension, answered: null, givenUpAt: answer?.at ?? null }];
      return [{ ...extension, answered: { at: answer.at, ttl: answer.outcome.ttl }, givenUpAt: null }];
    }),
  );
}

function termsOf({ heartbeat }: RecordedMember): StoreRecord['terms'] {
  return heartbeat.flat().flatMap(({ event }) => {
    if (event.kind !== 'kept-alive' && event.kind !== 'lock-read') return [];
    const { outcome } = event;
    return 'term' in outcome ? [{ at: event.at, term: outcome.term }] : [];
  });
}

function watchesOf({ name, agent }: RecordedMember): readonly RecordedWatch[] {
  return agent.map((steps) => ({
    by: name,
    shown: steps.flatMap(({ event }): RecordedWatch['shown'] => {
      if (event.kind === 'view') return [{ kind: 'view', at: event.at, view: event.view, gapless: event.gapless }];
      return event.kind === 'store-silent' ? [{ kind: 'silent', at: event.at }] : [];
    }),
  }));
}
