import { millis } from '../domain/time.ts';
import { hearLogs } from './eyes/hear-logs.ts';
import { watchNode } from './eyes/watch-node.ts';
import type { Happening, Tell, Told } from './model/happening.ts';
import { absorb, emptyModel, type Model } from './model/model.ts';
import { ProbeClient, type Write } from './probe/probe-client.ts';
import { Director } from './script/director.ts';
import { ttlSeconds } from './stage/node-file.ts';
import { Stage } from './stage/stage.ts';
import type { World } from './world.ts';

/**
 * A whole playground for as long as `during` takes: cluster, eyes, probe and director. Nothing of it is left afterwards,
 * whatever `during` does.
 */
export async function withSession<T>(
  world: World,
  options: SessionOptions,
  during: (session: Session) => Promise<T>,
): Promise<T> {
  let model = emptyModel({ at: world.now(), wallAt: world.wallNow(), ttlMs: ttlSeconds * 1000 });
  const tell = (happening: Happening): void => {
    const told = { at: world.now(), wallAt: world.wallNow(), happening };
    model = absorb(model, told);
    options.onTold(told);
  };
  const stage = await Stage.open(world, { ...options, onTrouble: (text) => tell({ kind: 'note', text }) });
  let isOver = false;
  const over = (): boolean => isOver;
  const tasks: Promise<unknown>[] = [];
  let probe: ProbeClient | null = null;
  try {
    if (stage.leftover === 'cleared') tell({ kind: 'note', text: 'removed what an earlier playground left' });
    stage.startAll();
    for (const node of stage.nodes) {
      const conditionOf = () => stage.conditionOf(node.name);
      tasks.push(watchNode(node, { world, tell, conditionOf, isOver: over }));
    }
    tasks.push(hearLogs(stage.nodes, { world, tell, isOver: over }));
    tasks.push(attend(stage, { world, isOver: over }));
    const nodes = stage.nodes.map(({ name, ports }) => ({ name, port: ports.publicPostgres }));
    probe = new ProbeClient({ world, tell, nodes, onWrite: options.onWrite });
    const director = new Director({ world, stage, tell, model: () => model });
    const watching = Promise.all(tasks).then(() => new Promise<never>(() => {})); // It ends only by breaking.
    return await Promise.race([during({ stage, probe, director, tell, model: () => model }), watching]);
  } finally {
    isOver = true;
    await Promise.allSettled([probe?.stop(), ...tasks]);
    const kept = await stage.close(options.files);
    if (kept !== null) options.onKept(kept);
  }
}

export interface Session {
  readonly stage: Stage;
  readonly probe: ProbeClient;
  readonly director: Director;
  readonly tell: Tell;
  readonly model: () => Model;
}

export interface SessionOptions {
  readonly searchPath: string;
  /** The state directory. */
  readonly folder: string;
  readonly files: 'remove' | 'keep';
  readonly onTold: (told: Told) => void;
  readonly onWrite: (write: Write) => void;
  readonly onKept: (folder: string) => void;
}

async function attend(
  stage: Stage,
  { world, isOver }: { readonly world: World; readonly isOver: () => boolean },
): Promise<void> {
  while (!isOver()) {
    await stage.attend();
    await world.sleep(millis(ATTEND_EVERY_MS));
  }
}

const ATTEND_EVERY_MS = 100;
