import type { GlobalOptions, OperatorLine } from '../../src/cli/command-line.ts';
import type { Json } from '../../src/domain/json.ts';
import { leaseId, revision, storeKey } from '../../src/domain/names.ts';
import type { StoreWrite, WriteOutcome } from '../../src/domain/store-write.ts';
import { later, millis } from '../../src/domain/time.ts';
import type { AgentCall, AgentReply } from '../../src/ports/agent-api.ts';
import type { SqlAnswer, SqlTarget } from '../../src/ports/sql.ts';
import type { OperatorStore, StoredPair } from '../../src/ports/store.ts';
import { clusterKeys, NOW, WALL_NOW } from './node-snapshot.ts';

export type FakeWorld = {
  /** Laid over the keys of the cluster `demo`, `n1` leading; `null` removes one. Asked again for each read. */
  readonly keys?: Readonly<Record<string, Json>> | (() => Readonly<Record<string, Json>>);
  readonly answers?: (call: AgentCall) => AgentReply;
  /** What is typed, one answer for each question; then the input ends. */
  readonly typed?: readonly string[];
  readonly input?: string;
  /** What servers answer; nobody connects without. */
  readonly sql?: (text: string) => SqlAnswer;
  /** Text of the user's own configuration. */
  readonly config?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly edited?: (text: string) => string;
  /** Asked at each read of the store: when its keys were written last. */
  readonly lastChange?: () => bigint;
  readonly written?: WriteOutcome;
  /** Asked at each read of the store: why it does not answer; `null`: it does. */
  readonly storeSilence?: () => string | null;
  /** A member of the store that does not answer; others do in its place, unless it is asked alone. */
  readonly deadEndpoint?: string;
};

/** The options of a program that was given nothing but the store. */
export const globals: GlobalOptions = {
  configFile: null,
  storeUrl: 'etcd3://127.0.0.1:2379/db',
  insecure: false,
  group: null,
};

/** A command line with nobody behind it: what was printed, called, written and asked is kept. */
export function fakeOperator(world: FakeWorld = {}) {
  const seen = {
    connected: [] as SqlTarget[],
    prefixes: [] as string[],
    stdout: '',
    stderr: '',
    open: 0,
    calls: [] as AgentCall[],
    writes: [] as StoreWrite[],
    sleeps: 0,
    removed: 0,
    editedRemoved: 0,
  };
  const typed = [...(world.typed ?? [])];
  let slept = 0;
  const store = (endpoints: readonly string[]): OperatorStore => ({
    read: () => {
      const isDead = endpoints.every((each) => each === world.deadEndpoint);
      const silence = isDead ? 'connection refused' : (world.storeSilence?.() ?? null);
      return Promise.resolve(
        silence === null
          ? { kind: 'read', revision: revision(20n), pairs: pairsOf(world) }
          : { kind: 'no-answer', reason: silence },
      );
    },
    switchEndpoint: () => undefined,
    write: (write) => {
      seen.writes.push(write);
      return Promise.resolve(world.written ?? { kind: 'written', revision: revision(21n) });
    },
    removeEverything: () => {
      seen.removed += 1;
      return Promise.resolve(world.written ?? { kind: 'written', revision: revision(21n) });
    },
    close: () => {
      seen.open -= 1;
      return Promise.resolve();
    },
  });
  const line: OperatorLine = {
    stdout: { isTerminal: false, write: (text) => (seen.stdout += text) },
    stderr: { isTerminal: false, write: (text) => (seen.stderr += text) },
    environment: {},
    files: {
      defaultPath: '/none',
      read: () => (world.config === undefined ? { kind: 'unreadable' } : { kind: 'read', texts: [world.config] }),
    },
    now: () => later(NOW, millis(slept)),
    wallNow: () => WALL_NOW,
    // Time passes at once, but after whatever is under way.
    sleep: (milliseconds) => {
      seen.sleeps += 1;
      slept += milliseconds;
      return new Promise((resolve) => {
        setImmediate(resolve);
      });
    },
    openStore: ({ endpoints }, prefix) => {
      seen.open += 1;
      seen.prefixes.push(prefix);
      return store(endpoints);
    },
    ask: (prompt) => {
      seen.stdout += `${prompt}\n`;
      return Promise.resolve(typed.shift() ?? null);
    },
    askSecret: (prompt) => line.ask(prompt),
    connectSql: (target) => {
      seen.connected.push(target);
      const { sql } = world;
      if (sql === undefined) return Promise.resolve({ kind: 'failed', sqlState: null, message: 'nobody\nis there' });
      const query = (text: string): Promise<SqlAnswer> => Promise.resolve(sql(text));
      return Promise.resolve({ kind: 'open', session: { query, close: () => Promise.resolve() } });
    },
    readInput: () => Promise.resolve({ kind: 'read', text: world.input ?? '' }),
    readText: (path) => {
      const text = world.files?.[path];
      return text === undefined ? { kind: 'unusable', why: 'cannot be read' } : { kind: 'read', text };
    },
    edit: ({ text }) =>
      Promise.resolve(
        world.edited === undefined
          ? { kind: 'failed', message: 'Editor exited with return code 1' }
          : {
              kind: 'edited',
              text: world.edited(text),
              file: {
                path: '/tmp/edited.yaml',
                remove: () => {
                  seen.editedRemoved += 1;
                },
              },
            },
      ),
    openAgents: () => ({
      call: (call) => {
        seen.calls.push(call);
        return Promise.resolve(world.answers?.(call) ?? { kind: 'no-answer', reason: 'nobody is there' });
      },
    }),
  };
  return { line, seen };
}

function pairsOf({ keys, lastChange }: FakeWorld): readonly StoredPair[] {
  const modRevision = revision(lastChange?.() ?? 8n);
  return Object.entries(clusterKeys(typeof keys === 'function' ? keys() : keys)).map(([key, value]) => ({
    key: storeKey(key),
    value: typeof value === 'string' ? value : JSON.stringify(value),
    lease: leaseId('1'),
    createRevision: revision(7n),
    modRevision,
  }));
}
