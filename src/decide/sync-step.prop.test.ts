import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SyncNames } from '../domain/sync-names.ts';
import { promotedSync } from './promoted-sync.ts';
import { type Electors, overlaps } from './sync-overlap.ts';
import { holdersOf, nextSyncStep, type SyncSituation } from './sync-step.ts';

/**
 * A world of five nodes that knows nothing of orders: a primary writes, standbys receive, commits are acknowledged as
 * PostgreSQL would by the names in force, and at any moment the primary is lost and somebody whom the key allows takes over.
 */
class World {
  mode: 'on' | 'quorum' = 'on';
  strict = false;
  wanted = 1;
  me = 'a';
  key: Electors | null = null;
  names: SyncNames | null = null;
  mark: number | null = 0;
  acknowledged = 0;
  readonly position = new Map<string, number>(NODES.map((each) => [each, 0]));
  readonly streaming = new Set<string>();
  readonly expected = new Set<string>();
  readonly history: string[] = [];

  at(node: string): number {
    return this.position.get(node) ?? 0;
  }

  write() {
    this.position.set(this.me, this.at(this.me) + 1);
    this.acknowledge();
  }

  receive(node: string) {
    if (!this.streaming.has(node)) return;
    this.position.set(node, this.at(this.me));
    this.acknowledge();
  }

  /** Whoever follows another history than the primary's has been rewound. */
  toggle(node: string) {
    if (node === this.me) return;
    this.position.set(node, Math.min(this.at(node), this.at(this.me)));
    if (!this.streaming.delete(node)) this.streaming.add(node);
    this.expected.delete(node);
  }

  acknowledge() {
    if (this.names === null) {
      this.acknowledged = Math.max(this.acknowledged, this.at(this.me));
      return;
    }
    const attached = this.names.names.filter((each) => this.streaming.has(each));
    // FIRST waits for those at the head of the list, ANY for the quickest.
    const counting = this.names.method === 'any' ? attached : attached.toSorted().slice(0, this.names.count);
    const flushed = counting.map((each) => this.at(each)).toSorted((a, b) => b - a)[this.names.count - 1];
    if (flushed !== undefined) this.acknowledged = Math.max(this.acknowledged, flushed);
  }

  situation(): SyncSituation {
    const { mode, strict, me, key, names, mark, wanted } = this;
    const listed = new Set(names?.names);
    const hasAll = (node: string): boolean => mark !== null && this.at(node) >= mark;
    const active = [...this.streaming].toSorted((a, b) => Number(listed.has(b)) - Number(listed.has(a)));
    const proven = new Set([...this.streaming].filter(hasAll));
    const expected = [...this.expected].filter((each) => !this.streaming.has(each) && each !== me);
    return { mode, strict, me, key, names, settled: mark !== null, proven, active, expected, wanted };
  }

  /** @returns whether anything was written. */
  step(): boolean {
    const step = nextSyncStep(this.situation());
    if (step.kind === 'key') this.key = step.key;
    if (step.kind === 'names') this.setNames(step.names);
    if (step.kind === 'key' || step.kind === 'names') this.history.push(`${step.kind}: ${this.pair()}`);
    this.mustOverlap();
    return step.kind === 'key' || step.kind === 'names';
  }

  /** A while in which nothing disturbs. */
  goOn() {
    this.settle();
    for (const each of this.streaming) if (each !== 'd') this.receive(each);
    this.step();
    this.write();
  }

  setNames(names: SyncNames | null) {
    this.names = names;
    this.mark = null;
    this.acknowledge();
  }

  settle() {
    this.mark ??= this.at(this.me);
  }

  mustOverlap() {
    if (this.key === null) return;
    expect(overlaps(this.key, holdersOf(this.names), this.me), this.told()).toBe(true);
  }

  /** Could it lead after me, if those that are ahead of it kept silent? */
  isElectable(candidate: string): boolean {
    if (candidate === this.me || this.key === null) return false;
    const { leader, voters, quorum } = this.key;
    const electors = new Set([leader, ...voters]);
    if (this.mode === 'on' && !electors.has(candidate)) return false;
    // It comes back alone, and hears nobody.
    if (candidate === leader) return true;
    const others = [...electors].filter((each) => each !== candidate && each !== this.me);
    const votes = others.filter((each) => this.at(each) <= this.at(candidate)).length;
    return votes - (electors.has(candidate) ? 0 : 1) >= quorum;
  }

  mustHaveAll(candidate: string) {
    if (!this.isElectable(candidate)) return;
    const told = `${candidate} at ${String(this.at(candidate))} could lead\n${this.told()}`;
    expect(this.at(candidate), told).toBeGreaterThanOrEqual(this.acknowledged);
  }

  failOver(candidate: string) {
    if (!this.isElectable(candidate)) return;
    this.history.push(`${candidate} at ${String(this.at(candidate))} follows ${this.me}`);
    this.promote(candidate);
  }

  promote(candidate: string) {
    const running = NODES.filter((each) => each !== candidate && each !== this.me);
    const { mode, strict, key, wanted } = this;
    const next = promotedSync({ mode, strict, me: candidate, key, wanted, expected: running });
    this.streaming.clear();
    this.expected.clear();
    for (const each of running) this.expected.add(each);
    this.me = candidate;
    this.key = next.key ?? this.key;
    this.setNames(next.names);
    this.mustOverlap();
  }

  pair(): string {
    const { key, names } = this;
    const k = key === null ? '-' : `${key.leader} ${String(key.quorum)}{${[...key.voters].toSorted().join('')}}`;
    return `${k} | ${names === null ? '-' : `${names.method} ${String(names.count)}(${names.names.join('')})`}`;
  }

  told(): string {
    return [...this.history, `acknowledged ${String(this.acknowledged)}, ${this.me} leads, ${this.pair()}`].join('\n');
  }
}

const NODES = ['a', 'b', 'c', 'd', 'e'] as const;
const node = fc.constantFrom(...NODES);

type Act = (world: World) => void;

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Act>((world) => world.step()) },
  { weight: 4, arbitrary: fc.constant<Act>((world) => world.goOn()) },
  { weight: 4, arbitrary: fc.constant<Act>((world) => world.settle()) },
  { weight: 4, arbitrary: fc.constant<Act>((world) => world.write()) },
  {
    weight: 6,
    arbitrary: node.map(
      (which): Act =>
        (world) =>
          world.receive(which),
    ),
  },
  {
    weight: 4,
    arbitrary: node.map(
      (which): Act =>
        (world) =>
          world.toggle(which),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Act>((world) => world.expected.clear()) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('on' as const, 'quorum' as const).map(
      (mode): Act =>
        (world) => {
          world.mode = mode;
        },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.boolean().map(
      (strict): Act =>
        (world) => {
          world.strict = strict;
        },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 3 }).map(
      (wanted): Act =>
        (world) => {
          world.wanted = wanted;
        },
    ),
  },
  {
    weight: 2,
    arbitrary: node.map(
      (candidate): Act =>
        (world) => {
          world.failOver(candidate);
        },
    ),
  },
);

test('interrupted anywhere, no step lets anybody be elected without what was acknowledged', () => {
  fc.assert(
    fc.property(fc.array(act, LONG), (acts) => {
      const world = new World();
      for (const each of acts) {
        each(world);
        for (const candidate of NODES) world.mustHaveAll(candidate);
      }
    }),
    { numRuns: RUNS },
  );
});

test('whatever happened, the steps come to an end: a full set, confirmed', () => {
  fc.assert(
    fc.property(fc.array(act, LONG), fc.subarray([...NODES], { minLength: 1 }), (acts, up) => {
      const world = new World();
      for (const each of acts) each(world);
      world.streaming.clear();
      world.expected.clear();
      for (const each of up) world.toggle(each);
      for (let turn = 0; turn < 60; turn += 1) {
        world.settle();
        for (const each of up) world.receive(each);
        if (!world.step() && turn > 50) break;
      }
      const standbys = up.filter((each) => each !== world.me);
      const step = nextSyncStep(world.situation());
      expect(
        step.kind,
        `${world.told()}\n${JSON.stringify(step)}\n${JSON.stringify([up, world.wanted, world.mode, world.strict])}`,
      ).toBe('complete');
      if (standbys.length === 0) return;
      const needed = Math.min(world.wanted, standbys.length);
      expect(world.names?.count, world.told()).toBe(needed);
      expect(world.key?.leader).toBe(world.me);
      expect(world.key?.voters.size, world.told()).toBe(world.mode === 'on' ? needed : standbys.length);
      expect(world.key?.quorum, world.told()).toBe(world.mode === 'on' ? 0 : standbys.length - needed);
    }),
    { numRuns: RUNS },
  );
});

const RUNS = 1_500;
const LONG = { minLength: 40, maxLength: 160, size: 'max' } as const;
