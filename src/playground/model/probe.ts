import type { NodeName } from '../names.ts';

/** What a client that writes without pause has seen. */
export interface Probe {
  readonly acknowledged: number;
  /** Acknowledged, and not there any more after a failover. */
  readonly lost: number;
  /** The last acknowledged write; `null`: there was none yet. */
  readonly last: { readonly at: number; readonly node: NodeName } | null;
  /** The longest time between two acknowledged writes. */
  readonly longestGapMs: number;
  /** When the last ones were acknowledged: those of a second, oldest first. */
  readonly recent: readonly number[];
}

export const unprobed: Probe = { acknowledged: 0, lost: 0, last: null, longestGapMs: 0, recent: [] };

export function probed(
  probe: Probe,
  {
    at,
    happening,
  }: {
    readonly at: number;
    readonly happening:
      | { readonly kind: 'wrote'; readonly node: NodeName }
      | { readonly kind: 'found-lost'; readonly count: number };
  },
): Probe {
  if (happening.kind === 'found-lost') return { ...probe, lost: probe.lost + happening.count };
  return {
    ...probe,
    acknowledged: probe.acknowledged + 1,
    last: { at, node: happening.node },
    longestGapMs: Math.max(probe.longestGapMs, currentGapMs(probe, at) ?? 0),
    recent: [...probe.recent, at].filter((each) => each > at - RATE_SPAN_MS),
  };
}

/** @returns `null` before the first write. */
export function currentGapMs(probe: Probe, now: number): number | null {
  return probe.last === null ? null : Math.max(0, now - probe.last.at);
}

/** Acknowledged writes in the last second. */
export function writeRate(probe: Probe, now: number): number {
  return probe.recent.filter((each) => each > now - RATE_SPAN_MS).length;
}

const RATE_SPAN_MS = 1_000;
