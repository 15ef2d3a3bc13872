import type { DesiredPostgres, Upstream } from '../../src/domain/desired-postgres.ts';
import { memberName, slotNameOf } from '../../src/domain/names.ts';
import type { TaskOutcome } from '../../src/domain/task.ts';
import { instant, millis, wallTime } from '../../src/domain/time.ts';
import type { Postgres, TaskContext } from '../../src/ports/postgres.ts';
import { Actor } from '../../src/simulator/kernel/actor.ts';
import { Kernel } from '../../src/simulator/kernel/kernel.ts';
import { askHistory } from '../../src/simulator/node/ask-history.ts';
import { PostgresModel } from '../../src/simulator/postgres/postgres-model.ts';
import { Appearance } from '../../src/simulator/postgres/postgres-report.ts';
import { TaskRunner } from '../../src/simulator/postgres/task-runner.ts';
import { HostClock } from '../../src/simulator/world/host-clock.ts';
import { Network } from '../../src/simulator/world/network.ts';
import { calmSettings } from '../../src/simulator/world/settings.ts';
import type { PostgresWorld, PostgresWorldMember } from '../contract/postgres.suite.ts';

/** Simulated PostgreSQL behind the real port: each call drives virtual time until it is answered. */
export function simulatedPostgresWorld(seed: number): PostgresWorld {
  const kernel = new Kernel({ seed, transcript: 'hash-only' });
  const network = new Network();
  const servers = new Map<string, PostgresModel>();
  return {
    member: (name) => Promise.resolve(simulatedMember(name, { kernel, network, servers })),
    end: () => Promise.resolve(),
  };
}

type Around = {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly servers: Map<string, PostgresModel>;
};

function simulatedMember(name: string, around: Around): PostgresWorldMember {
  const { kernel, network, servers } = around;
  const emit = () => undefined;
  const settings = calmSettings;
  const others = () => [...servers.values()].filter((each) => each.host !== name);
  const model = new PostgresModel({
    kernel,
    network,
    settings,
    host: name,
    emit,
    others,
    resolve: (upstream) => servers.get(upstream.host) ?? null,
  });
  servers.set(name, model);
  const member = memberName(name);
  return {
    name: member,
    postgres: simulatedPort(model, others, around),
    upstream: (follower): Upstream => ({
      member: name,
      host: name,
      port: 5432,
      database: 'postgres',
      applicationName: follower,
    }),
    desired: (upstream): DesiredPostgres => ({
      parameters: {},
      hba: null,
      ident: null,
      standby: upstream === null ? null : { upstream, slot: slotNameOf(member), recovery: {} },
    }),
    context: (change = {}): TaskContext => ({
      signal: new AbortController().signal,
      progress: () => undefined,
      reached: () => undefined,
      scripts: { beforeStop: null, prePromote: null },
      leaseNow: () => ({ deadline: instant(60_000), guardianReady: true, now: instant(0) }),
      ...change,
    }),
    // Clients write all the time while a primary accepts writes.
    commit: () => {
      kernel.run(kernel.now + 100);
      return Promise.resolve();
    },
    beginCommit: () => {
      const { position } = model;
      return Promise.resolve(() => model.acknowledgedPosition > position);
    },
    keepBackendBusy: () => Promise.resolve(),
    killPostmaster: () => {
      model.crashes.killPostmaster();
      return Promise.resolve();
    },
    removeOldWal: () => {
      kernel.run(kernel.now + MANY_SEGMENTS_MS);
      model.dropUnusedSlots();
      return Promise.resolve();
    },
    pauseReplay: () => {
      model.replay.pause();
      return Promise.resolve();
    },
    resumeReplay: () => {
      model.replay.resume();
      return Promise.resolve();
    },
    stickBackend: () => {
      model.crashes.stickBackend();
      return Promise.resolve();
    },
    suspend: () => {
      model.freeze('stopped');
      return Promise.resolve();
    },
    resume: () => {
      model.thaw('stopped');
      return Promise.resolve();
    },
  };
}

function simulatedPort(model: PostgresModel, others: () => readonly PostgresModel[], around: Around): Postgres {
  const { kernel, network } = around;
  const settings = calmSettings;
  const actor = new Actor(`agent ${model.host}`);
  actor.start();
  const clock = new HostClock({ kernel, settings, offset: 1_000_000 });
  const appearance = new Appearance(model, others);
  const answered = <T>(ask: (done: (answer: T) => void) => void): Promise<T> => {
    const answers: T[] = [];
    ask((answer) => answers.push(answer));
    kernel.run(kernel.now + BOUND_MS, () => answers.length > 0);
    const [answer] = answers;
    return answer === undefined ? Promise.reject(new Error('never answered')) : Promise.resolve(answer);
  };
  const isUp = (outcome: () => TaskOutcome): TaskOutcome =>
    model.acceptsConnections ? outcome() : { kind: 'failed', reason: 'the server does not answer' };
  return {
    look: () => {
      kernel.run(kernel.now + LOOK_MS);
      const wallClock = { wallTime: (worldTime: number) => wallTime(worldTime) };
      return Promise.resolve(appearance.look({ observedAt: clock.now(), worldTime: kernel.now, wallClock }));
    },
    run: (task, context) => {
      if (context.signal.aborted) return Promise.resolve({ kind: 'cancelled' });
      return answered((done) => {
        const leaseNow = () => {
          const lease = context.leaseNow();
          const deadline = lease.deadline === null ? null : kernel.now + (lease.deadline - lease.now);
          return { deadline, guardianReady: lease.guardianReady };
        };
        const ended = (_id: number, outcome: TaskOutcome): void => done(outcome);
        const setup = { kernel, network, settings, postgres: model, actor, leaseNow, emit: () => undefined, ended };
        new TaskRunner(setup).run(1, task);
      });
    },
    reconfigure: (desired) => Promise.resolve(model.reconfigure(desired)),
    manageSlots: (change) => Promise.resolve(isUp(() => model.slots.change(change))),
    checkpoint: () => Promise.resolve(model.checkpoint()),
    askHistory: ({ upstream, member, own, limit }) =>
      answered((done) => {
        const setup = { kernel, network, settings, clock, place: model.host, postgres: model };
        askHistory(setup, actor, { kind: 'ask-history', upstream, member, own, limit: millis(limit) }, done);
      }),
    callBack: () => undefined,
    onDisturbance: (listener) => void model.onChange(listener),
    close: () => Promise.resolve(),
  };
}

/** Whoever looks again and again lets time pass. */
const LOOK_MS = 500;
/** So long that clients write more than a few segments. */
const MANY_SEGMENTS_MS = 120_000;
const BOUND_MS = 600_000;
