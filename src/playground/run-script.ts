import { healthOf } from './model/health.ts';
import { connectionsTo } from './output/connections.ts';
import type { Printer } from './output/printer.ts';
import type { Write } from './probe/probe-client.ts';
import type { Command } from './script/command.ts';
import { type PlayParts, play, untilHealthy } from './script/play.ts';
import { type Session, withSession } from './session.ts';
import type { World } from './world.ts';

/**
 * A playground that does what a script says and then ends.
 * @returns whether it was healthy in the end (and whenever the script waited for it), and every acknowledged write is
 * there, or was reported as lost by the failover that lost it.
 * @throws when interrupted; also then nothing is left.
 */
export function runScript(world: World, request: ScriptRequest): Promise<'good' | 'bad'> {
  const { printer } = request;
  const options = { ...request, onTold: printer.told, onKept: printer.kept };
  return withSession(world, options, async (session) => {
    const parts = { world, ...session };
    const isUp = (await untilHealthy(START_MS, parts)) !== null;
    if (isUp) printer.started(connectionsTo(session.stage, request.command));
    const played = isUp ? await play(request.commands, { ...parts, refusals: request.refusals }) : 'failed';
    const leader = played === 'played' ? await healthyInTheEnd(parts) : null;
    await session.probe.stop();
    const unreported = leader === null ? null : await session.probe.unreportedLosses(leader);
    printer.ended({ isHealed: leader !== null, unreported, probe: session.model().probe });
    return leader !== null && unreported === 0 ? 'good' : 'bad';
  });
}

export interface ScriptRequest {
  readonly commands: readonly Command[];
  /** Is an action that makes no sense, or that the cluster refuses, an error? */
  readonly refusals: 'matter' | 'are-fine';
  readonly searchPath: string;
  readonly folder: string;
  readonly files: 'remove' | 'keep';
  readonly printer: Printer;
  readonly onWrite: (write: Write) => void;
  /** How this program is called, as a user would type it. */
  readonly command: string;
}

/** Three nodes from nothing, on a busy machine. */
const START_MS = 90_000;
const END_MS = 90_000;

async function healthyInTheEnd(parts: PlayParts & Pick<Session, 'model'>): ReturnType<typeof untilHealthy> {
  const health = healthOf({ ...parts.model(), now: parts.world.now() });
  return health.kind === 'healthy' ? health.leader : untilHealthy(END_MS, parts);
}
