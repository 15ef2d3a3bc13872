import { fastStopAt, hardFenceAt } from '../../src/domain/fencing.ts';
import { instant, seconds } from '../../src/domain/time.ts';
import { leaseFact } from '../../src/heartbeat/publish.ts';
import { HeartbeatRig, OTHER, SELF, TTL } from './heartbeat-rig.ts';

/** What can happen, by name; `span` is how long, where that matters. */
export type Happening = { readonly kind: keyof typeof happenings; readonly span: number };

/**
 * A heartbeat with a PostgreSQL that its agent promotes when it may and stops in time, and that its guardian fences.
 * Agent and guardian do not fail together: that is not covered (docs/faults.md).
 */
export class HeartbeatWorld {
  readonly rig = HeartbeatRig.configured();
  isPrimary = false;
  agent: 'stepping' | 'wedged' = 'stepping';

  constructor() {
    this.rig.onTime = () => this.#timeMoved();
  }

  play({ kind, span }: Happening): void {
    happenings[kind](this, span);
  }

  get guardianFails(): boolean {
    return this.rig.guardian.mode === 'hung';
  }

  /** Nobody else holds the lock, nor could, while PostgreSQL is a primary. */
  get isSafe(): boolean {
    return !this.isPrimary || this.rig.store.lock?.holder === SELF;
  }

  unsafeAt: number | null = null;

  postgres(role: 'primary' | 'stopped'): void {
    this.isPrimary = role === 'primary';
    this.rig.guardian.processCount = this.isPrimary ? 7 : 0;
  }

  /** The agent's process does not run, the heartbeat included; the guardian does, and so does PostgreSQL. */
  standStill(span: number): void {
    const end = this.rig.now + span;
    this.agent = 'wedged';
    while (this.rig.now < end) {
      this.rig.now = instant(Math.min(end, this.rig.now + 200));
      this.rig.store.expire(this.rig.now);
      this.#timeMoved();
    }
  }

  #timeMoved(): void {
    const { guardian, now, lock } = this.rig;
    const { armedUntil } = guardian;
    if (guardian.mode === 'lives' && armedUntil !== null && now >= hardFenceAt(armedUntil)) {
      this.postgres('stopped');
      guardian.armedUntil = null;
      this.rig.guardianSays({ kind: 'fencing', step: 'fenced', deadline: armedUntil });
    }
    const runsOut = lock === undefined || lock.kind === 'not-held' || now >= fastStopAt(lock.deadline);
    if (this.agent === 'stepping' && runsOut) this.postgres('stopped');
    if (!this.isSafe) this.unsafeAt ??= now;
  }
}

const happenings = {
  'time passes': (world, span) => {
    world.agent = 'stepping';
    world.rig.pass(span);
  },
  'the agent is wedged': (world, span) => {
    if (world.guardianFails) return;
    world.agent = 'wedged';
    world.rig.pass(span, 'wedged');
  },
  'the agent is frozen': (world, span) => {
    if (!world.guardianFails) world.standStill(span);
  },
  'the machine is suspended': (world, span) => {
    if (world.guardianFails) return;
    world.standStill(span);
    world.rig.happen({ kind: 'suspended' });
  },
  'the store answers': ({ rig }) => {
    rig.store.mode = 'answers';
  },
  'the store fails': ({ rig }) => {
    rig.store.mode = 'fails';
  },
  'the store is slow': ({ rig }) => {
    rig.store.mode = 'held-back';
  },
  'answers are slow': ({ rig }) => {
    rig.store.mode = 'answers-late';
  },
  'slow answers arrive': ({ rig }) => {
    rig.answerWaiting();
  },
  'an answer is lost': ({ rig }) => {
    rig.loseOldest('carries-it-out');
  },
  'a request is lost': ({ rig }) => {
    rig.loseOldest('never-saw-it');
  },
  'a request is on its way for long': ({ rig }) => {
    rig.loseOldest('may-see-it-late');
  },
  'late requests arrive': ({ rig }) => {
    rig.lateArrives();
  },
  'the store elects': ({ rig }) => {
    rig.store.keepAlivesFrom = 'leader';
    rig.store.elect(rig.now);
  },
  'a deposed leader answers keep-alives': ({ rig }) => {
    rig.store.keepAlivesFrom = 'deposed-leader';
    rig.store.term += 1n;
  },
  'another member takes a free lock': ({ rig }) => {
    if (rig.store.lock === null) rig.store.takenBy(OTHER);
  },
  'another member leaves': ({ rig }) => {
    if (rig.store.lock?.holder === OTHER) rig.store.lock = null;
  },
  'the guardian dies': ({ rig }) => {
    rig.guardian.armedUntil = null;
    rig.guardianSays({ kind: 'lost', reason: 'killed' });
  },
  'the guardian hangs': ({ rig }) => {
    rig.guardian.mode = 'hung';
  },
  'the agent acquires': ({ rig }) => {
    rig.command({ kind: 'acquire' });
  },
  'the agent adopts': ({ rig }) => {
    if (rig.store.lock?.holder === SELF) rig.adopt();
  },
  'the agent releases': ({ rig }) => {
    if (rig.store.lock?.holder !== SELF) return;
    rig.command({ kind: 'release', createRevision: rig.store.lock.createRevision, status: null });
  },
  'the agent promotes': (world) => {
    const { deadline, guardianReady } = leaseFact(world.rig.state, world.rig.now);
    const inTime = deadline !== null && world.rig.now < hardFenceAt(deadline);
    if (inTime && guardianReady) world.postgres('primary');
  },
  'the agent stops PostgreSQL': (world) => {
    world.postgres('stopped');
  },
  'the agent disarms': ({ isPrimary, rig }) => {
    if (!isPrimary) rig.command({ kind: 'disarm', evidence: 'not a primary' });
  },
  'the ttl changes': ({ rig }, span) => {
    rig.command({ kind: 'configure', ttl: seconds(3 + (span % 28)), steppedWithin: TTL, paused: false });
  },
} satisfies Record<string, (world: HeartbeatWorld, span: number) => void>;

export const happeningKinds: readonly (readonly [kind: Happening['kind'], weight: number])[] = [
  ['time passes', 16],
  ['the agent is wedged', 2],
  ['the agent is frozen', 2],
  ['the machine is suspended', 2],
  ['the store answers', 4],
  ['the store fails', 2],
  ['the store is slow', 2],
  ['answers are slow', 2],
  ['slow answers arrive', 4],
  ['an answer is lost', 3],
  ['a request is lost', 3],
  ['a request is on its way for long', 3],
  ['late requests arrive', 2],
  ['the store elects', 2],
  ['a deposed leader answers keep-alives', 2],
  ['another member takes a free lock', 3],
  ['another member leaves', 2],
  ['the guardian dies', 2],
  ['the guardian hangs', 2],
  ['the agent acquires', 4],
  ['the agent adopts', 2],
  ['the agent releases', 2],
  ['the agent promotes', 4],
  ['the agent stops PostgreSQL', 1],
  ['the agent disarms', 1],
  ['the ttl changes', 1],
];
