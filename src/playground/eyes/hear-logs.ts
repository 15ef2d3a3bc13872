import { millis } from '../../domain/time.ts';
import type { Tell } from '../model/happening.ts';
import type { NodeOnStage } from '../stage/layout.ts';
import type { World } from '../world.ts';
import { readLogLine } from './log-line.ts';
import { LogTail } from './log-tail.ts';

/** Tell what the agents say in their logs, in the order in which they said it, until `isOver`. */
export async function hearLogs(
  nodes: readonly NodeOnStage[],
  { world, tell, isOver }: { readonly world: World; readonly tell: Tell; readonly isOver: () => boolean },
): Promise<void> {
  const logs = nodes.map(({ name, logFile }) => ({ node: name, tail: new LogTail(logFile) }));
  while (!isOver()) {
    const said = logs.flatMap(({ node, tail }) => tail.newLines().map((text) => ({ node, line: readLogLine(text) })));
    const told = said.flatMap(({ node, line }) => (line === null ? [] : [{ node, line }]));
    for (const each of told.toSorted((a, b) => a.line.wallAt - b.line.wallAt)) tell({ kind: 'said', ...each });
    await world.sleep(millis(EVERY_MS));
  }
}

const EVERY_MS = 100;
