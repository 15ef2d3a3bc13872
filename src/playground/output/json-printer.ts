import type { Happening, Told } from '../model/happening.ts';
import type { Printer } from './printer.ts';

/** Lines for programs: one JSON object for each event, with `event` saying which. Single writes are none. */
export function jsonPrinter({
  print,
  wallNow,
}: {
  readonly print: (line: string) => void;
  readonly wallNow: () => number;
}): Printer {
  const say = (wallAt: number, event: string, fields: object): void =>
    print(JSON.stringify({ at: new Date(wallAt).toISOString(), event, ...fields }));
  return {
    started: (connections) => say(wallNow(), 'started', connections),
    told: ({ wallAt, happening }: Told) => {
      if (happening.kind === 'looked' || happening.kind === 'wrote') return;
      say(happening.kind === 'said' ? happening.line.wallAt : wallAt, happening.kind, fieldsOf(happening));
    },
    ended: ({ isHealed, unreported, probe }) => {
      const { acknowledged, lost, longestGapMs } = probe;
      const figures = { acknowledged, lost, unreported, longest_gap_ms: Math.round(longestGapMs * 10) / 10 };
      say(wallNow(), 'ended', { healed: isHealed, ...figures });
    },
    kept: (folder) => say(wallNow(), 'kept', { folder }),
  };
}

/** Names as in the REST API: with underscores. */
function fieldsOf(happening: Exclude<Happening, { kind: 'looked' | 'wrote' }>): object {
  switch (happening.kind) {
    case 'said':
      return { node: happening.node, level: happening.line.level, text: happening.line.text };
    case 'gap-ended':
      return { node: happening.node, ms: Math.round(happening.ms * 10) / 10 };
    case 'healed':
      return { took_ms: Math.round(happening.tookMs) };
    case 'not-healed':
      return { within_ms: happening.withinMs, because: happening.because };
    case 'did':
    case 'refused':
    case 'found-lost':
    case 'note': {
      const { kind: _, ...fields } = happening;
      return fields;
    }
  }
}
