import { eventLine } from '../model/event-line.ts';
import type { Told } from '../model/happening.ts';
import type { Connections, Printer, Result } from './printer.ts';

/** Lines for people: the time since the beginning, who, and what. */
export function textPrinter({
  print,
  wallFrom,
}: {
  readonly print: (line: string) => void;
  /** The beginning, in milliseconds since 1970. */
  readonly wallFrom: number;
}): Printer {
  return {
    started: (connections) => {
      // Not `forEach(print)`: console.log prints whatever else it is given.
      for (const line of startLines(connections)) print(line);
    },
    told: (told: Told) => {
      const line = eventLine(told);
      if (line === null) return;
      const since = ((line.wallAt - wallFrom) / 1000).toFixed(2).padStart(7);
      print(`${since} s  ${line.who.padEnd(5)}  ${line.text}`);
    },
    ended: (result) => print(`\n${resultLine(result)}`),
    kept: (folder) => print(`Kept: ${folder}`),
  };
}

function startLines({ nodes, primary, list }: Connections): readonly string[] {
  return [
    '',
    ...nodes.map(({ name, postgres, api }) => `  ${name}  ${postgres}  ${api}`),
    `  primary, whoever it is:\n  ${primary}`,
    `  in another terminal:  ${list}`,
    '',
  ];
}

function resultLine({ isHealed, unreported, probe }: Result): string {
  const figures =
    `${probe.acknowledged} writes acknowledged, ${probe.lost} of them lost in failovers and reported, ` +
    `longest time without one ${(probe.longestGapMs / 1000).toFixed(2)} s`;
  if (!isHealed) return `NOT healthy in the end. ${figures}.`;
  if (unreported === null) return `NOT known whether all writes are there. ${figures}.`;
  return unreported === 0 ? `Healthy. ${figures}.` : `${unreported} acknowledged writes are MISSING. ${figures}.`;
}
