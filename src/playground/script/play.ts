import { millis } from '../../domain/time.ts';
import type { Tell } from '../model/happening.ts';
import { healthOf } from '../model/health.ts';
import type { Model } from '../model/model.ts';
import type { NodeName } from '../names.ts';
import type { World } from '../world.ts';
import type { Command } from './command.ts';
import type { Director } from './director.ts';

/**
 * Run commands one after the other.
 * @returns `failed` as soon as a wait for health is in vain, or, where that matters, an action was refused.
 * @throws when interrupted.
 */
export async function play(
  commands: readonly Command[],
  parts: PlayParts & { readonly director: Director; readonly refusals: 'matter' | 'are-fine' },
): Promise<'played' | 'failed'> {
  for (const command of commands) {
    switch (command.kind) {
      case 'wait':
        await letPass(command.ms, parts.world);
        break;
      case 'wait-healed':
        if ((await untilHealthy(command.withinMs, parts)) === null) return 'failed';
        break;
      case 'kill-postgres':
      case 'kill-node':
      case 'freeze':
      case 'cut':
      case 'bring-back':
      case 'switchover':
      case 'pause':
      case 'resume': {
        const outcome = await parts.director.perform(command);
        if (outcome === 'refused' && parts.refusals === 'matter') return 'failed';
      }
    }
  }
  return 'played';
}

export interface PlayParts {
  readonly world: World;
  readonly tell: Tell;
  readonly model: () => Model;
}

/** @returns the leader; `null` when it took too long, which was told with what is missing. */
export async function untilHealthy(withinMs: number, { world, tell, model }: PlayParts): Promise<NodeName | null> {
  const end = world.now() + withinMs;
  for (;;) {
    throwIfInterrupted(world);
    const now = world.now();
    const health = healthOf({ ...model(), now });
    if (health.kind === 'healthy') {
      tell({ kind: 'healed', tookMs: now - model().lastActionAt });
      return health.leader;
    }
    if (now > end) {
      tell({ kind: 'not-healed', withinMs, because: health.because });
      return null;
    }
    await world.sleep(millis(LOOK_MS));
  }
}

async function letPass(ms: number, world: World): Promise<void> {
  const end = world.now() + ms;
  while (world.now() < end) {
    throwIfInterrupted(world);
    await world.sleep(millis(Math.min(LOOK_MS, Math.ceil(end - world.now()))));
  }
}

function throwIfInterrupted(world: World): void {
  const interruption = world.interruption();
  if (interruption !== null) throw interruption;
}

const LOOK_MS = 50;
