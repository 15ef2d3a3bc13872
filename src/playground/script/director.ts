import { millis } from '../../domain/time.ts';
import { ask } from '../eyes/http.ts';
import type { Tell } from '../model/happening.ts';
import { isLeader } from '../model/health.ts';
import type { Model } from '../model/model.ts';
import type { NodeCondition } from '../model/node-condition.ts';
import { isPaused } from '../model/pause.ts';
import { type NodeName, nodeNames } from '../names.ts';
import type { Stage } from '../stage/stage.ts';
import type { World } from '../world.ts';
import type { Action, Target, TargetedKind } from './command.ts';

/** Does to the cluster what a key or a script says, and tells it. */
export class Director {
  readonly #world: World;
  readonly #stage: Stage;
  readonly #tell: Tell;
  readonly #model: () => Model;

  constructor(parts: {
    readonly world: World;
    readonly stage: Stage;
    readonly tell: Tell;
    readonly model: () => Model;
  }) {
    this.#world = parts.world;
    this.#stage = parts.stage;
    this.#tell = parts.tell;
    this.#model = parts.model;
  }

  /** @returns `refused`: it makes no sense now, or the cluster did not want it; it was told. */
  async perform(action: Action): Promise<'done' | 'refused'> {
    switch (action.kind) {
      case 'kill-postgres':
      case 'kill-node':
      case 'freeze':
      case 'cut': {
        const node = this.#resolve(action.target);
        if (node === null) return this.#refuse(action.kind, `there is no ${action.target} now`);
        const objection = objectionTo(action.kind, this.#stage.conditionOf(node));
        if (objection !== null) return this.#refuse(action.kind, `${node} ${objection}`);
        await this.#harm(action.kind, node);
        return 'done';
      }
      case 'bring-back': {
        const node = action.target === 'all' ? 'all' : this.#resolveHarmed(action.target);
        if (node === null) return this.#refuse(action.kind, `no ${action.target} needs it`);
        for (const name of node === 'all' ? nodeNames : [node]) this.#bringBack(name);
        return 'done';
      }
      case 'switchover':
        return this.#switchover();
      case 'pause':
      case 'resume':
        return this.#setPause(action.kind);
    }
  }

  async #harm(kind: TargetedKind, node: NodeName): Promise<void> {
    await this.#harmOnStage(kind, node);
    this.#did(kind, node, harmText(kind, node));
  }

  async #harmOnStage(kind: TargetedKind, node: NodeName): Promise<void> {
    switch (kind) {
      case 'kill-postgres':
        this.#stage.killPostgres(node);
        break;
      case 'kill-node':
        await this.#stage.killNode(node);
        break;
      case 'freeze':
        this.#stage.freeze(node);
        break;
      case 'cut':
        this.#stage.cut(node);
        break;
    }
  }

  /** Whatever was done to it is undone. */
  #bringBack(name: NodeName): void {
    const { agent, network } = this.#stage.conditionOf(name);
    if (network === 'cut') {
      this.#stage.mend(name);
      this.#did('bring-back', name, `connected ${name} again`);
    }
    if (agent === 'frozen') {
      this.#stage.thaw(name);
      this.#did('bring-back', name, `thawed the agent of ${name}`);
    }
    if (agent === 'gone') {
      this.#stage.startNode(name);
      this.#did('bring-back', name, `started ${name} again`);
    }
  }

  async #switchover(): Promise<'done' | 'refused'> {
    const leader = this.#resolve('leader');
    if (leader === null) return this.#refuse('switchover', 'there is no leader now');
    if (this.#stage.conditionOf(leader).agent !== 'running')
      return this.#refuse('switchover', `${leader} cannot be asked`);
    const candidate = isPaused(this.#model()) ? this.#resolve('replica') : null;
    const body = { leader, ...(candidate === null ? {} : { candidate }) };
    this.#did('switchover', leader, `asked ${leader} to hand over`);
    const withinMs = SWITCHOVER_MS;
    const answer = await ask(this.#apiOf(leader), { method: 'POST', path: '/switchover', body, withinMs });
    if (answer?.status === 200) {
      this.#tell({ kind: 'note', text: answer.text.trim() });
      return 'done';
    }
    return this.#refuse('switchover', answer?.text.trim() ?? 'no answer');
  }

  async #setPause(kind: 'pause' | 'resume'): Promise<'done' | 'refused'> {
    const body = { pause: kind === 'pause' ? true : null };
    const end = this.#world.now() + PATCH_TRIES_MS;
    while (this.#world.now() < end && this.#world.interruption() === null) {
      for (const { name, ports } of this.#stage.nodes) {
        if (!this.#isWhole(name)) continue;
        const answer = await ask(ports.api, { method: 'PATCH', path: '/config', body, withinMs: PATCH_MS });
        if (answer?.status !== 200) continue;
        const meaning =
          kind === 'pause' ? 'the cluster is paused: agents watch and do nothing' : 'the agents act again';
        this.#did(kind, null, meaning);
        return 'done';
      }
      await this.#world.sleep(millis(BETWEEN_TRIES_MS));
    }
    return this.#refuse(kind, 'no agent took it');
  }

  #resolve(target: Target): NodeName | null {
    const { nodes, lease } = this.#model();
    switch (target) {
      case 'leader': {
        const answering = nodes.find(
          ({ answer, silentSince }) => silentSince === null && answer !== null && isLeader(answer.said),
        );
        // One that is frozen says nothing, and is the leader as long as its lease lasts.
        return answering?.name ?? (lease !== null && lease.deadline > this.#world.now() ? lease.holder : null);
      }
      case 'replica':
        return nodes.find(({ name, answer }) => this.#isWhole(name) && answer?.said.role === 'replica')?.name ?? null;
      case 'node1':
      case 'node2':
      case 'node3':
        return target;
    }
  }

  /** Of those that something was done to, by what they last said that they were. */
  #resolveHarmed(target: Target): NodeName | null {
    if (target !== 'leader' && target !== 'replica') return target;
    const role = target === 'leader' ? 'primary' : 'replica';
    const { nodes } = this.#model();
    return nodes.find(({ name, answer }) => !this.#isWhole(name) && answer?.said.role === role)?.name ?? null;
  }

  /** As it is now; the model knows it since its last look. */
  #isWhole(name: NodeName): boolean {
    const { agent, network } = this.#stage.conditionOf(name);
    return agent === 'running' && network === 'whole';
  }

  #apiOf(name: NodeName): number {
    return this.#stage.nodes.find((node) => node.name === name)?.ports.api ?? 0;
  }

  #did(action: Action['kind'], node: NodeName | null, text: string): void {
    this.#tell({ kind: 'did', action, node, text });
  }

  #refuse(action: Action['kind'], text: string): 'refused' {
    this.#tell({ kind: 'refused', action, text });
    return 'refused';
  }
}

/** A switchover waits for a checkpoint, and for the new primary. */
const SWITCHOVER_MS = 30_000;
/** Agents that were just started or thawed may need a moment. */
const PATCH_TRIES_MS = 10_000;
const PATCH_MS = 2_000;
const BETWEEN_TRIES_MS = 200;

/** Why that would change nothing; `null`: it would. */
function objectionTo(kind: TargetedKind, { agent, network }: NodeCondition): string | null {
  switch (kind) {
    case 'kill-node':
      return agent === 'gone' ? 'is killed already' : null;
    case 'kill-postgres':
      return agent === 'gone' ? 'is killed as a whole' : null;
    case 'freeze':
      if (agent === 'frozen') return 'is frozen already';
      return agent === 'gone' ? 'is killed: it has no agent' : null;
    case 'cut':
      return network === 'cut' ? 'is cut off already' : null;
  }
}

function harmText(kind: TargetedKind, node: NodeName): string {
  switch (kind) {
    case 'kill-postgres':
      return `killed PostgreSQL of ${node}: all of its processes, with SIGKILL`;
    case 'kill-node':
      return `killed ${node}: agent, guardian and PostgreSQL, with SIGKILL`;
    case 'freeze':
      return `froze the agent of ${node} (SIGSTOP); its guardian and PostgreSQL go on`;
    case 'cut':
      return `cut ${node} off: nothing passes between it and anybody else, and no connection ends`;
  }
}
