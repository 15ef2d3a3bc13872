import { ask } from '../eyes/http.ts';
import type { Tell } from '../model/happening.ts';
import { isLeader, isWhole } from '../model/health.ts';
import type { Model } from '../model/model.ts';
import type { NodeName } from '../names.ts';
import { nodeNames } from '../names.ts';
import type { Stage } from '../stage/stage.ts';
import type { Action, Target, TargetedKind } from './command.ts';

/** Does to the cluster what a key or a script says, and tells it. */
export class Director {
  readonly #stage: Stage;
  readonly #tell: Tell;
  readonly #model: () => Model;

  constructor(parts: { readonly stage: Stage; readonly tell: Tell; readonly model: () => Model }) {
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
        await this.#harm(action.kind, node);
        return 'done';
      }
      case 'bring-back': {
        const node = action.target === 'all' ? 'all' : this.#resolve(action.target);
        if (node === null) return this.#refuse(action.kind, `there is no ${action.target} now`);
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
    const candidate = this.#isPaused() ? this.#resolve('replica') : null;
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
    for (const { name } of this.#model().nodes.filter(isWhole)) {
      const answer = await ask(this.#apiOf(name), { method: 'PATCH', path: '/config', body, withinMs: PATCH_MS });
      if (answer?.status !== 200) continue;
      const meaning = kind === 'pause' ? 'the cluster is paused: agents watch and do nothing' : 'the agents act again';
      this.#did(kind, null, meaning);
      return 'done';
    }
    return this.#refuse(kind, 'no agent took it');
  }

  #resolve(target: Target): NodeName | null {
    const { nodes } = this.#model();
    switch (target) {
      case 'leader':
        return (
          nodes.find(({ answer, silentSince }) => silentSince === null && answer !== null && isLeader(answer.said))
            ?.name ?? null
        );
      case 'replica':
        return nodes.find((node) => isWhole(node) && node.answer?.said.role === 'replica')?.name ?? null;
      case 'node1':
      case 'node2':
      case 'node3':
        return target;
    }
  }

  #isPaused(): boolean {
    return this.#model().nodes.some(({ answer }) => answer?.said.isPaused === true);
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
const SWITCHOVER_MS = 60_000;
const PATCH_MS = 3_000;

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
